//! What a socket is: families, types, protocols, its attributes, and what the calls on it take.

#![allow(non_upper_case_globals)] // AF_DECnet is spelled so by the header.

super::table! { SOCKET_TABLE,
    "winsock2/nf-winsock2-socket" i32 {
        AF_UNSPEC = 0, "No family, or any";
        AF_UNIX = 1, "Local sockets with file names";
        AF_INET = 2, "IPv4";
        AF_IMPLINK = 3, "ARPANET IMP addresses";
        AF_PUP = 4, "PUP protocols";
        AF_CHAOS = 5, "MIT CHAOS protocols";
        AF_IPX = 6, "IPX and SPX";
        AF_NS = 6, "Xerox NS protocols; the same number as AF_IPX";
        AF_ISO = 7, "ISO protocols";
        AF_OSI = 7, "OSI protocols; the same number as AF_ISO";
        AF_ECMA = 8, "European Computer Manufacturers";
        AF_DATAKIT = 9, "Datakit protocols";
        AF_CCITT = 10, "CCITT protocols such as X.25";
        AF_SNA = 11, "IBM SNA";
        AF_DECnet = 12, "DECnet";
        AF_DLI = 13, "Direct data link interface";
        AF_LAT = 14, "LAT";
        AF_HYLINK = 15, "NSC Hyperchannel";
        AF_APPLETALK = 16, "AppleTalk";
        AF_NETBIOS = 17, "NetBIOS names";
        AF_VOICEVIEW = 18, "VoiceView";
        AF_FIREFOX = 19, "Protocols of Firefox";
        AF_UNKNOWN1 = 20, "Taken; the header does not say by whom";
        AF_BAN = 21, "Banyan";
        AF_ATM = 22, "Native ATM services";
        AF_INET6 = 23, "IPv6";
        AF_CLUSTER = 24, "Microsoft Wolfpack";
        AF_12844 = 25, "IEEE 1284.4";
        AF_IRDA = 26, "Infrared";
        AF_NETDES = 28, "Network Designers OSI and gateway";
        AF_TCNPROCESS = 29, "TCN process";
        AF_TCNMESSAGE = 30, "TCN message";
        AF_ICLFXBM = 31, "ICL FXBM";
        AF_BTH = 32, "Bluetooth";
        AF_LINK = 33, "Link layer";
        AF_HYPERV = 34, "Sockets between a Hyper-V host and its guests";
    }
    "winsock2/nf-winsock2-socket" i32 {
        SOCK_STREAM = 1, "Reliable byte stream with a connection";
        SOCK_DGRAM = 2, "Datagrams, without connection and guarantee";
        SOCK_RAW = 3, "Access to the protocol header below";
        SOCK_RDM = 4, "Reliable datagrams";
        SOCK_SEQPACKET = 5, "Pseudo-stream packets based on datagrams";
    }
    "winsock2/nf-winsock2-socket" i32 {
        IPPROTO_IP = 0, "Unspecified protocol; also the option level of IPv4";
        IPPROTO_HOPOPTS = 0, "IPv6 hop-by-hop options";
        IPPROTO_ICMP = 1, "Control messages of IPv4";
        IPPROTO_IGMP = 2, "Group management";
        IPPROTO_GGP = 3, "Gateway to gateway";
        IPPROTO_IPV4 = 4, "IPv4 in IP";
        IPPROTO_ST = 5, "Stream protocol";
        IPPROTO_TCP = 6, "TCP; also its option level";
        IPPROTO_CBT = 7, "Core based trees";
        IPPROTO_EGP = 8, "Exterior gateway";
        IPPROTO_IGP = 9, "Interior gateway";
        IPPROTO_PUP = 12, "PUP";
        IPPROTO_UDP = 17, "UDP; also its option level";
        IPPROTO_IDP = 22, "Xerox IDP";
        IPPROTO_RDP = 27, "Reliable data";
        IPPROTO_IPV6 = 41, "IPv6 in IP; also the option level of IPv6";
        IPPROTO_ROUTING = 43, "IPv6 routing header";
        IPPROTO_FRAGMENT = 44, "IPv6 fragment header";
        IPPROTO_ESP = 50, "Encapsulating security payload";
        IPPROTO_AH = 51, "Authentication header";
        IPPROTO_ICMPV6 = 58, "Control messages of IPv6";
        IPPROTO_NONE = 59, "IPv6: no next header";
        IPPROTO_DSTOPTS = 60, "IPv6 destination options";
        IPPROTO_ND = 77, "Net disk";
        IPPROTO_ICLFXBM = 78, "ICL FXBM";
        IPPROTO_PIM = 103, "Protocol independent multicast";
        IPPROTO_PGM = 113, "Reliable multicast";
        IPPROTO_RM = 113, "Reliable multicast; the same number as IPPROTO_PGM";
        IPPROTO_L2TP = 115, "Layer 2 tunnelling";
        IPPROTO_SCTP = 132, "SCTP";
        IPPROTO_RAW = 255, "Raw IP packets";
        IPPROTO_MAX = 256, "One more than the largest protocol number on the wire";
        IPPROTO_RESERVED_RAW = 257, "Inside Windows: raw";
        IPPROTO_RESERVED_IPSEC = 258, "Inside Windows: IPsec";
        IPPROTO_RESERVED_IPSECOFFLOAD = 259, "Inside Windows: IPsec offload";
        IPPROTO_RESERVED_WNV = 260, "Inside Windows: network virtualization";
        IPPROTO_RESERVED_MAX = 261, "One more than the largest number inside Windows";
    }
    "winsock2/nf-winsock2-wsasocketw" u32 {
        WSA_FLAG_OVERLAPPED = 0x01, "The socket can do overlapped operations";
        WSA_FLAG_MULTIPOINT_C_ROOT = 0x02, "Root in the control plane of a multipoint session";
        WSA_FLAG_MULTIPOINT_C_LEAF = 0x04, "Leaf in the control plane of a multipoint session";
        WSA_FLAG_MULTIPOINT_D_ROOT = 0x08, "Root in the data plane of a multipoint session";
        WSA_FLAG_MULTIPOINT_D_LEAF = 0x10, "Leaf in the data plane of a multipoint session";
        WSA_FLAG_ACCESS_SYSTEM_SECURITY = 0x40, "The security descriptor's audit part can be reached";
        WSA_FLAG_NO_HANDLE_INHERIT = 0x80, "The handle is not inherited by new processes";
        WSA_FLAG_REGISTERED_IO = 0x100, "The socket can do registered I/O";
    }
    "winsock2/nf-winsock2-wsasocketw" u32 {
        SG_UNCONSTRAINED_GROUP = 1, "Make a group of any members";
        SG_CONSTRAINED_GROUP = 2, "Make a group of connections to one peer";
    }
    "winsock2/nf-winsock2-wsasocketw" i32 {
        FROM_PROTOCOL_INFO = -1, "Take family, type or protocol from the protocol info";
    }
    "WinSock/socket-data-type-2" u64 {
        INVALID_SOCKET = u64::MAX, "No socket: all ones, in 64 bits";
    }
    "WinSock/error-checking-macro-2" i32 {
        SOCKET_ERROR = -1, "The call failed";
    }
    "ws2spi/nc-ws2spi-lpwsprecv" u32 {
        MSG_OOB = 0x1, "Out-of-band data";
        MSG_PEEK = 0x2, "Look at data without taking it";
        MSG_DONTROUTE = 0x4, "Send without routing";
        MSG_WAITALL = 0x8, "Wait until the buffer is full";
        MSG_INTERRUPT = 0x10, "Send and receive in interrupt context";
        MSG_MAXIOVLEN = 16, "Limit of a buffer list in old code; not a flag";
        MSG_PUSH_IMMEDIATE = 0x20, "Complete the receive as soon as there is data";
        MSG_TRUNC = 0x100, "Out: the datagram was cut";
        MSG_CTRUNC = 0x200, "Out: the control data was cut";
        MSG_BCAST = 0x400, "Out: the datagram was a broadcast";
        MSG_MCAST = 0x800, "Out: the datagram was a multicast";
        MSG_ERRQUEUE = 0x1000, "Out: the datagram came from the queue of errors";
        MSG_PARTIAL = 0x8000, "Part of a message, in and out";
    }
    "ws2spi/nc-ws2spi-lpwspshutdown" i32 {
        SD_RECEIVE = 0, "Receives are no longer allowed";
        SD_SEND = 1, "Sends are no longer allowed";
        SD_BOTH = 2, "Neither sends nor receives are allowed";
    }
    "ws2spi/nc-ws2spi-lpwsplisten" i32 {
        SOMAXCONN = 0x7fff_ffff, "The provider chooses a large backlog";
    }
    "ws2spi/nc-ws2spi-lpwspaccept" i32 {
        CF_ACCEPT = 0, "The condition function accepts";
        CF_REJECT = 1, "The condition function rejects";
        CF_DEFER = 2, "The condition function decides later";
    }
    "ws2spi/nc-ws2spi-lpwspjoinleaf" u32 {
        JL_SENDER_ONLY = 1, "The leaf only sends";
        JL_RECEIVER_ONLY = 2, "The leaf only receives";
        JL_BOTH = 4, "The leaf sends and receives";
    }
    "ws2spi/nc-ws2spi-lpwspeventselect" u32 {
        FD_READ_BIT = 0, "Index of FD_READ";
        FD_READ = 1 << FD_READ_BIT, "Data can be received";
        FD_WRITE_BIT = 1, "Index of FD_WRITE";
        FD_WRITE = 1 << FD_WRITE_BIT, "Data can be sent again";
        FD_OOB_BIT = 2, "Index of FD_OOB";
        FD_OOB = 1 << FD_OOB_BIT, "Out-of-band data has arrived";
        FD_ACCEPT_BIT = 3, "Index of FD_ACCEPT";
        FD_ACCEPT = 1 << FD_ACCEPT_BIT, "A connection can be accepted";
        FD_CONNECT_BIT = 4, "Index of FD_CONNECT";
        FD_CONNECT = 1 << FD_CONNECT_BIT, "A connection attempt or join has ended";
        FD_CLOSE_BIT = 5, "Index of FD_CLOSE";
        FD_CLOSE = 1 << FD_CLOSE_BIT, "The connection was closed";
        FD_QOS_BIT = 6, "Index of FD_QOS";
        FD_QOS = 1 << FD_QOS_BIT, "The quality of service has changed";
        FD_GROUP_QOS_BIT = 7, "Index of FD_GROUP_QOS";
        FD_GROUP_QOS = 1 << FD_GROUP_QOS_BIT, "Reserved: the quality of service of the group has changed";
        FD_ROUTING_INTERFACE_CHANGE_BIT = 8, "Index of FD_ROUTING_INTERFACE_CHANGE";
        FD_ROUTING_INTERFACE_CHANGE = 1 << FD_ROUTING_INTERFACE_CHANGE_BIT, "The local interface for a destination has changed";
        FD_ADDRESS_LIST_CHANGE_BIT = 9, "Index of FD_ADDRESS_LIST_CHANGE";
        FD_ADDRESS_LIST_CHANGE = 1 << FD_ADDRESS_LIST_CHANGE_BIT, "The list of local addresses has changed";
        FD_MAX_EVENTS = 10, "Number of events, and of elements of iErrorCode";
        FD_ALL_EVENTS = (1 << FD_MAX_EVENTS) - 1, "All events";
    }
    "ws2spi/nc-ws2spi-lpwspselect" u32 {
        FD_SETSIZE = 64, "Sockets in a set by default";
    }
    "winsock2/nf-winsock2-wsapoll" i32 {
        POLLERR = 0x1, "Out: an error has occurred";
        POLLHUP = 0x2, "Out: the connection was closed";
        POLLNVAL = 0x4, "Out: the socket is not valid";
        POLLWRNORM = 0x10, "Data can be sent";
        POLLOUT = 0x10, "Data can be sent; the same number as POLLWRNORM";
        POLLWRBAND = 0x20, "Priority data can be sent";
        POLLRDNORM = 0x100, "Data can be received";
        POLLRDBAND = 0x200, "Priority data can be received";
        POLLIN = 0x300, "Data of either kind can be received";
        POLLPRI = 0x400, "Not supported by Windows";
    }
    "WinSock/sockaddr-2" u32 {
        INADDR_ANY = 0, "0.0.0.0: any local address";
        INADDR_LOOPBACK = 0x7f00_0001, "127.0.0.1: this machine";
        INADDR_BROADCAST = 0xffff_ffff, "255.255.255.255: broadcast";
        INADDR_NONE = 0xffff_ffff, "No address, as inet_addr reports it";
    }
    "mswsock/nf-mswsock-transmitfile" u32 {
        TF_USE_DEFAULT_WORKER = 0x00, "The system chooses the thread";
        TF_DISCONNECT = 0x01, "Begin to disconnect afterwards";
        TF_REUSE_SOCKET = 0x02, "Prepare the socket for use again";
        TF_WRITE_BEHIND = 0x04, "Complete before the data is acknowledged";
        TF_USE_SYSTEM_THREAD = 0x10, "Use system threads for long requests";
        TF_USE_KERNEL_APC = 0x20, "Use kernel APCs";
    }
    "mswsock/nc-mswsock-lpfn_transmitpackets" u32 {
        TP_USE_DEFAULT_WORKER = 0x00, "The system chooses the thread";
        TP_DISCONNECT = 0x01, "Begin to disconnect afterwards";
        TP_REUSE_SOCKET = 0x02, "Prepare the socket for use again";
        TP_USE_SYSTEM_THREAD = 0x10, "Use system threads for long requests";
        TP_USE_KERNEL_APC = 0x20, "Use kernel APCs";
        TP_ELEMENT_MEMORY = 1, "The element is memory";
        TP_ELEMENT_FILE = 2, "The element is a file";
        TP_ELEMENT_EOP = 4, "The element ends a packet";
    }
    "mswsock/nc-mswsock-lpfn_disconnectex" u32 {
        DE_REUSE_SOCKET = 2, "Prepare the socket for use again";
    }
    "WinSock/windows-sockets-error-codes-2" i32 {
        WSABASEERR = 10000, "Error codes of Windows Sockets are counted from here";
    }
}
