//! Control codes of ioctlsocket, WSAIoctl and WSPIoctl.
//!
//! The four high bits say whether data goes in (0x80000000) and out (0x40000000) or neither (0x20000000).

super::table! { IOCTL_TABLE,
    "WinSock/winsock-ioctls" u32 {
        IOC_UNIX = 0x0000_0000, "Codes from Berkeley";
        IOC_WS2 = 0x0800_0000, "Codes of Windows Sockets 2";
        IOC_PROTOCOL = 0x1000_0000, "Codes of an address family";
        IOC_VENDOR = 0x1800_0000, "Codes of a vendor";
        IOC_VOID = 0x2000_0000, "No parameters";
        IOC_OUT = 0x4000_0000, "Data comes out";
        IOC_IN = 0x8000_0000, "Data goes in";
        IOC_INOUT = IOC_IN | IOC_OUT, "Data goes in and comes out";
        IOCPARM_MASK = 0x7f, "Bits of the length in Berkeley's codes";
        FIONREAD = 0x4004_667f, "Bytes that one receive can take";
        FIONBIO = 0x8004_667e, "Make the socket nonblocking or blocking";
        FIOASYNC = 0x8004_667d, "Asynchronous mode, of old programs";
        SIOCSHIWAT = 0x8004_7300, "Set the high mark; of old programs";
        SIOCGHIWAT = 0x4004_7301, "Get the high mark; of old programs";
        SIOCSLOWAT = 0x8004_7302, "Set the low mark; of old programs";
        SIOCGLOWAT = 0x4004_7303, "Get the low mark; of old programs";
        SIOCATMARK = 0x4004_7307, "Whether all out-of-band data is read";
    }
    "WinSock/winsock-ioctls" u32 {
        SIO_ASSOCIATE_HANDLE = 0x8800_0001, "Tie the socket to a handle of another interface";
        SIO_ENABLE_CIRCULAR_QUEUEING = 0x2800_0002, "A full queue drops the oldest message, not the newest";
        SIO_FIND_ROUTE = 0x4800_0003, "Ask for the route to an address";
        SIO_FLUSH = 0x2800_0004, "Drop what waits to be sent";
        SIO_GET_BROADCAST_ADDRESS = 0x4800_0005, "The address for broadcasts";
        SIO_GET_EXTENSION_FUNCTION_POINTER = 0xc800_0006, "The extension function of a GUID";
        SIO_GET_QOS = 0xc800_0007, "The quality of service";
        SIO_GET_GROUP_QOS = 0xc800_0008, "Reserved: the group's quality of service";
        SIO_MULTIPOINT_LOOPBACK = 0x8800_0009, "Whether own multipoint data comes back";
        SIO_MULTICAST_SCOPE = 0x8800_000a, "How far multicasts go";
        SIO_SET_QOS = 0x8800_000b, "Set the quality of service";
        SIO_SET_GROUP_QOS = 0x8800_000c, "Reserved: set the group's quality of service";
        SIO_TRANSLATE_HANDLE = 0xc800_000d, "The handle of the socket for another interface";
        SIO_ROUTING_INTERFACE_QUERY = 0xc800_0014, "The local address for a destination";
        SIO_ROUTING_INTERFACE_CHANGE = 0x8800_0015, "Completes when that address changes";
        SIO_ADDRESS_LIST_QUERY = 0x4800_0016, "The local addresses to bind to";
        SIO_ADDRESS_LIST_CHANGE = 0x2800_0017, "Completes when that list changes";
        SIO_QUERY_TARGET_PNP_HANDLE = 0x4800_0018, "Device handle behind the socket, in the header's spelling";
        SIO_QUERY_PNP_TARGET_HANDLE = SIO_QUERY_TARGET_PNP_HANDLE, "The same in the spelling of some pages";
        SIO_NSP_NOTIFY_CHANGE = 0x8800_0019, "Completes when a name service query has changed";
        SIO_ADDRESS_LIST_SORT = 0xc800_0019, "Order addresses by preference";
        SIO_RESERVED_1 = 0x8800_001a, "Reserved";
        SIO_BSP_HANDLE = 0x4800_001b, "The base provider's handle, for WSASendMsg";
        SIO_BSP_HANDLE_SELECT = 0x4800_001c, "The base provider's handle, for select";
        SIO_BSP_HANDLE_POLL = 0x4800_001d, "The base provider's handle, for WSAPoll";
        SIO_EXT_SELECT = 0xc800_001e, "Reserved: select as a control code";
        SIO_EXT_POLL = 0xc800_001f, "Reserved: poll as a control code";
        SIO_EXT_SENDMSG = 0xc800_0020, "Reserved: message send as a control code";
        SIO_RESERVED_2 = 0x8800_0021, "Reserved";
        SIO_BASE_HANDLE = 0x4800_0022, "The base provider's handle; no layer may answer it";
        SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER = 0xc800_0024, "Several extension functions at once";
        SIO_QUERY_RSS_PROCESSOR_INFO = 0x4800_0025, "The processor that receive scaling chose";
        SIO_SOCKET_CLOSE_NOTIFY = 0x9800_000d, "Completes when the socket is closed";
    }
    "WinSock/winsock-ioctls" u32 {
        SIO_RCVALL = 0x9800_0001, "Receive all packets of an interface";
        SIO_RCVALL_MCAST = 0x9800_0002, "Receive all multicasts of an interface";
        SIO_RCVALL_IGMPMCAST = 0x9800_0003, "Receive all group management packets of an interface";
        SIO_KEEPALIVE_VALS = 0x9800_0004, "Times of keep-alive probes of this connection";
        SIO_ABSORB_RTRALERT = 0x9800_0005, "Keep packets with a router alert from being forwarded";
        SIO_UCAST_IF = 0x9800_0006, "Interface of outgoing unicasts";
        SIO_LIMIT_BROADCASTS = 0x9800_0007, "Send broadcasts on one interface only";
        SIO_INDEX_BIND = 0x9800_0008, "Bind to an interface by index";
        SIO_INDEX_MCASTIF = 0x9800_0009, "Interface of multicasts by index";
        SIO_INDEX_ADD_MCAST = 0x9800_000a, "Join a group on an interface by index";
        SIO_INDEX_DEL_MCAST = 0x9800_000b, "Leave a group on an interface by index";
        SIO_UDP_CONNRESET = 0x9800_000c, "Whether an unreachable port fails a later receive with WSAECONNRESET";
        SIO_RCVALL_MCAST_IF = 0x9800_000d, "Receive all multicasts of an interface by index";
        SIO_RCVALL_IF = 0x9800_000e, "Receive all packets of an interface by index";
        SIO_UDP_NETRESET = 0x9800_000f, "Whether an expired datagram fails a later receive with WSAENETRESET";
        SIO_LOOPBACK_FAST_PATH = 0x9800_0010, "Faster loopback connections";
        SIO_TCP_INITIAL_RTO = 0x9800_0011, "First retransmission time of a connection";
        SIO_APPLY_TRANSPORT_SETTING = 0x9800_0013, "Apply a setting of the transport";
        SIO_QUERY_TRANSPORT_SETTING = 0x9800_0014, "Read a setting of the transport";
        SIO_CPU_AFFINITY = 0x9800_0015, "Spread a shared port over processors";
        SIO_TCP_SET_ICW = 0x9800_0016, "First congestion window";
        SIO_TCP_SET_ACK_FREQUENCY = 0x9800_0017, "Segments per acknowledgement";
        SIO_SET_PRIORITY_HINT = 0x9800_0018, "Priority of the traffic";
        SIO_PRIORITY_HINT = SIO_SET_PRIORITY_HINT, "The same as SIO_SET_PRIORITY_HINT";
        SIO_TCP_INFO = 0xd800_0027, "Statistics of a connection";
        SIO_ACQUIRE_PORT_RESERVATION = 0x9800_0064, "Reserve ports for the socket's owner";
        SIO_RELEASE_PORT_RESERVATION = 0x9800_0065, "Give reserved ports back";
        SIO_ASSOCIATE_PORT_RESERVATION = 0x9800_0066, "Bind from reserved ports";
        SIO_SET_SECURITY = 0x9800_00c8, "Security settings of the socket";
        SIO_QUERY_SECURITY = 0xd800_00c9, "Security of the connection";
        SIO_SET_PEER_TARGET_NAME = 0x9800_00ca, "The peer's name for security";
        SIO_DELETE_PEER_TARGET_NAME = 0x9800_00cb, "Forget the peer's name for security";
        SIO_SOCKET_USAGE_NOTIFICATION = 0x9800_00cc, "Tell the system how the socket is used";
        SIO_QUERY_WFP_ALE_ENDPOINT_HANDLE = 0x5800_00cd, "The endpoint of the socket in the filtering platform";
        SIO_QUERY_RSS_SCALABILITY_INFO = 0x5800_00d2, "Abilities of receive scaling";
        SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS = 0x9800_00dc, "Redirect records of an accepted connection";
        SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT = 0x9800_00dd, "Redirect context of an accepted connection";
        SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS = 0x9800_00de, "Redirect records for a connection of a proxy";
        SIO_GET_TX_TIMESTAMP = 0x9800_00ea, "Time stamp of a datagram sent";
        SIO_TIMESTAMPING = 0x9800_00eb, "Time stamps on and off";
        SIO_AF_UNIX_GETPEERPID = 0x5800_0100, "Process at the other end of a local socket";
        SIO_AF_UNIX_SETBINDPARENTPATH = 0x9800_0101, "Folder of the name in bind of a local socket";
        SIO_AF_UNIX_SETCONNPARENTPATH = 0x9800_0102, "Folder of the name in connect of a local socket";
        SIO_SET_COMPATIBILITY_MODE = 0x9800_012c, "Behave as an older version";
        SIO_CHK_QOS = 0xdc00_0001, "Traffic characteristics of the quality of service";
    }
    "WinSock/winsock-ioctls" u32 {
        SIO_IDEAL_SEND_BACKLOG_CHANGE = 0x2000_747a, "Completes when the ideal send backlog changes";
        SIO_IDEAL_SEND_BACKLOG_QUERY = 0x4004_747b, "Bytes that should be on their way";
        SIO_GET_MULTICAST_FILTER = 0x8004_747c, "Sources of a group";
        SIO_SET_MULTICAST_FILTER = 0x8004_747d, "Set the sources of a group";
        SIO_GET_INTERFACE_LIST_EX = 0x4004_747e, "Network interfaces with addresses of any family";
        SIO_GET_INTERFACE_LIST = 0x4004_747f, "Network interfaces with IPv4 addresses";
    }
    "WinSock/winsock-ioctls" u32 {
        SIO_GET_NUMBER_OF_ATM_DEVICES = 0x5016_0001, "Number of ATM devices";
        SIO_GET_ATM_ADDRESS = 0xd016_0002, "Address of an ATM device";
        SIO_ASSOCIATE_PVC = 0x9016_0003, "Tie the socket to a permanent circuit";
        SIO_GET_ATM_CONNECTION_ID = 0x5016_0004, "Identifiers of the ATM connection";
    }
}
