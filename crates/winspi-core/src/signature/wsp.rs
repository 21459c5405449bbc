//! Entries of a provider that are not modelled: the `nc-ws2spi-lpwsp*` pages.

use super::{Declaration, Home, Kind, by_name, input, unmodelled};

pub(super) const FUNCTIONS: &[Declaration] = &[
    unmodelled(
        "WSPAddressToString",
        "nc-ws2spi-lpwspaddresstostring",
        Home::Provider,
        &[
            input("address", "lpsaAddress", Kind::Bytes),
            by_name("address_length", "dwAddressLength", Kind::Length),
            input("protocol_info", "lpProtocolInfo", Kind::Info),
            by_name("address_string", "lpszAddressString", Kind::Place),
            by_name("address_string_length", "lpdwAddressStringLength", Kind::Length),
        ],
    ),
    unmodelled(
        "WSPAsyncSelect",
        "nc-ws2spi-lpwspasyncselect",
        Home::Provider,
        &[
            input("s", "s", Kind::Handle),
            input("wnd", "hWnd", Kind::Handle),
            input("msg", "wMsg", Kind::Dword),
            input("event", "lEvent", Kind::Int),
        ],
    ),
    unmodelled(
        "WSPGetQOSByName",
        "nc-ws2spi-lpwspgetqosbyname",
        Home::Provider,
        &[
            input("s", "s", Kind::Handle),
            input("qos_name", "lpQOSName", Kind::Value),
            by_name("qos", "lpQOS", Kind::Place),
        ],
    ),
    unmodelled(
        "WSPJoinLeaf",
        "nc-ws2spi-lpwspjoinleaf",
        Home::Provider,
        &[
            input("s", "s", Kind::Handle),
            input("name", "name", Kind::Bytes),
            by_name("namelen", "namelen", Kind::Length),
            input("caller_data", "lpCallerData", Kind::Value),
            by_name("callee_data", "lpCalleeData", Kind::Place),
            input("sqos", "lpSQOS", Kind::Value),
            input("gqos", "lpGQOS", Kind::Value),
            input("flags", "dwFlags", Kind::Dword),
        ],
    ),
    unmodelled(
        "WSPSelect",
        "nc-ws2spi-lpwspselect",
        Home::Provider,
        &[
            by_name("nfds", "nfds", Kind::Length),
            input("readfds", "readfds", Kind::Value),
            input("writefds", "writefds", Kind::Value),
            input("exceptfds", "exceptfds", Kind::Value),
            input("timeout", "timeout", Kind::Value),
        ],
    ),
    unmodelled(
        "WSPStringToAddress",
        "nc-ws2spi-lpwspstringtoaddress",
        Home::Provider,
        &[
            input("address_string", "AddressString", Kind::Value),
            input("address_family", "AddressFamily", Kind::Int),
            input("protocol_info", "lpProtocolInfo", Kind::Info),
            by_name("address", "lpAddress", Kind::Place),
            by_name("address_length", "lpAddressLength", Kind::Length),
        ],
    ),
];
