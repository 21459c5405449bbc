//! Upcalls that are not modelled: the `nf-ws2spi-wpu*` pages.

use super::{Declaration, Home, Kind, by_name, input, unmodelled};

pub(super) const FUNCTIONS: &[Declaration] = &[
    unmodelled(
        "WPUCloseThread",
        "nf-ws2spi-wpuclosethread",
        Home::Upcall,
        &[input("thread_id", "lpThreadId", Kind::Value)],
    ),
    unmodelled(
        "WPUOpenCurrentThread",
        "nf-ws2spi-wpuopencurrentthread",
        Home::Upcall,
        &[by_name("thread_id", "lpThreadId", Kind::Place)],
    ),
    unmodelled(
        "WPUPostMessage",
        "nf-ws2spi-wpupostmessage",
        Home::Upcall,
        &[
            input("wnd", "hWnd", Kind::Handle),
            input("msg", "Msg", Kind::Dword),
            input("wparam", "wParam", Kind::Long),
            input("lparam", "lParam", Kind::Long),
        ],
    ),
    unmodelled(
        "WPUQueueApc",
        "nf-ws2spi-wpuqueueapc",
        Home::Upcall,
        &[
            input("thread_id", "lpThreadId", Kind::Value),
            input("user_apc", "lpfnUserApc", Kind::Callback),
            input("context", "dwContext", Kind::Long),
        ],
    ),
];
