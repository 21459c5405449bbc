//! What only the service provider interface knows: catalog entries, chains, categories of layers.

super::table! { SPI_TABLE,
    "winsock2/ns-winsock2-wsaprotocol_infow" u32 {
        XP1_CONNECTIONLESS = 0x0000_0001, "Datagrams; without it a connection is needed";
        XP1_GUARANTEED_DELIVERY = 0x0000_0002, "All data sent arrives";
        XP1_GUARANTEED_ORDER = 0x0000_0004, "Data arrives in order and once, if at all";
        XP1_MESSAGE_ORIENTED = 0x0000_0008, "Message boundaries are kept";
        XP1_PSEUDO_STREAM = 0x0000_0010, "Messages, but receives ignore their boundaries";
        XP1_GRACEFUL_CLOSE = 0x0000_0020, "Close has two phases; without it every close is abortive";
        XP1_EXPEDITED_DATA = 0x0000_0040, "Urgent data";
        XP1_CONNECT_DATA = 0x0000_0080, "Data with the connection";
        XP1_DISCONNECT_DATA = 0x0000_0100, "Data with the disconnection";
        XP1_SUPPORT_BROADCAST = 0x0000_0200, "Broadcasts";
        XP1_SUPPORT_MULTIPOINT = 0x0000_0400, "Multipoint or multicast";
        XP1_MULTIPOINT_CONTROL_PLANE = 0x0000_0800, "The control plane is rooted";
        XP1_MULTIPOINT_DATA_PLANE = 0x0000_1000, "The data plane is rooted";
        XP1_QOS_SUPPORTED = 0x0000_2000, "Quality of service";
        XP1_INTERRUPT = 0x0000_4000, "Reserved";
        XP1_UNI_SEND = 0x0000_8000, "Data goes out only";
        XP1_UNI_RECV = 0x0001_0000, "Data comes in only";
        XP1_IFS_HANDLES = 0x0002_0000, "Descriptors are handles of the operating system";
        XP1_PARTIAL_MESSAGE = 0x0004_0000, "MSG_PARTIAL works on sends";
        XP1_SAN_SUPPORT_SDP = 0x0008_0000, "System area networks";
    }
    "winsock2/ns-winsock2-wsaprotocol_infow" u32 {
        PFL_MULTIPLE_PROTO_ENTRIES = 0x0000_0001, "One of several entries for one protocol";
        PFL_RECOMMENDED_PROTO_ENTRY = 0x0000_0002, "The recommended one of several entries";
        PFL_HIDDEN = 0x0000_0004, "WSAEnumProtocols leaves the entry out";
        PFL_MATCHES_PROTOCOL_ZERO = 0x0000_0008, "Protocol 0 in socket matches the entry";
        PFL_NETWORKDIRECT_PROVIDER = 0x0000_0010, "Network direct access";
    }
    "winsock2/ns-winsock2-wsaprotocolchain" i32 {
        LAYERED_PROTOCOL = 0, "Chain length of a layered protocol";
        BASE_PROTOCOL = 1, "Chain length of a base protocol";
    }
    "winsock2/ns-winsock2-wsaprotocolchain" usize {
        MAX_PROTOCOL_CHAIN = 7, "Most entries of a chain";
    }
    "winsock2/ns-winsock2-wsaprotocol_infow" usize {
        WSAPROTOCOL_LEN = 255, "Most units of a protocol name without its NUL";
    }
    "ws2spi/ns-ws2spi-wspdata" usize {
        WSPDESCRIPTION_LEN = 255, "Most units of a provider's description without its NUL";
    }
    "winsock2/ns-winsock2-wsaprotocol_infow" i32 {
        BIGENDIAN = 0, "Network byte order: most significant byte first";
        LITTLEENDIAN = 1, "Network byte order: least significant byte first";
        SECURITY_PROTOCOL_NONE = 0, "No security scheme";
    }
    "ws2spi/nf-ws2spi-wscsetapplicationcategory" u32 {
        LSP_SYSTEM = 0x8000_0000, "A service or part of the system";
        LSP_INSPECTOR = 0x0000_0001, "Inspects data";
        LSP_REDIRECTOR = 0x0000_0002, "Changes destinations";
        LSP_PROXY = 0x0000_0004, "Works as a proxy";
        LSP_FIREWALL = 0x0000_0008, "Blocks traffic";
        LSP_INBOUND_MODIFY = 0x0000_0010, "Changes data that comes in";
        LSP_OUTBOUND_MODIFY = 0x0000_0020, "Changes data that goes out";
        LSP_CRYPTO_COMPRESS = 0x0000_0040, "Encrypts or compresses";
        LSP_LOCAL_CACHE = 0x0000_0080, "Answers from a cache";
    }
    "ws2spi/nf-ws2spi-wpucompleteoverlappedrequest" u32 {
        WSS_OPERATION_IN_PROGRESS = 0x103, "Internal of an overlapped structure whose operation runs";
    }
}
