//! Options of getsockopt and setsockopt, by level.

super::table! { OPTION_TABLE,
    "WinSock/sol-socket-socket-options" i32 {
        SOL_SOCKET = 0xffff, "Option level of the socket itself";
        SOL_IRLMP = 0xff, "Option level of infrared";
        SO_DEBUG = 0x0001, "Record debugging information";
        SO_ACCEPTCONN = 0x0002, "The socket listens; read only";
        SO_REUSEADDR = 0x0004, "Bind to an address in use";
        SO_KEEPALIVE = 0x0008, "Probe idle connections";
        SO_DONTROUTE = 0x0010, "Send without routing";
        SO_BROADCAST = 0x0020, "Allow broadcasts";
        SO_USELOOPBACK = 0x0040, "Bypass hardware where possible";
        SO_LINGER = 0x0080, "What close does with unsent data";
        SO_OOBINLINE = 0x0100, "Receive out-of-band data with the rest";
        SO_DONTLINGER = !SO_LINGER, "Close never waits for unsent data";
        SO_EXCLUSIVEADDRUSE = !SO_REUSEADDR, "No other socket may bind to the address";
        SO_SNDBUF = 0x1001, "Bytes of send buffer";
        SO_RCVBUF = 0x1002, "Bytes of receive buffer";
        SO_SNDLOWAT = 0x1003, "Least free bytes for sending";
        SO_RCVLOWAT = 0x1004, "Least bytes for receiving";
        SO_SNDTIMEO = 0x1005, "Time-out of blocking sends in milliseconds";
        SO_RCVTIMEO = 0x1006, "Time-out of blocking receives in milliseconds";
        SO_ERROR = 0x1007, "The pending error, cleared by reading";
        SO_TYPE = 0x1008, "The socket type; read only";
        SO_BSP_STATE = 0x1009, "Addresses, type and protocol in one; read only";
        SO_GROUP_ID = 0x2001, "Reserved: the socket's group";
        SO_GROUP_PRIORITY = 0x2002, "Reserved: priority in the group";
        SO_MAX_MSG_SIZE = 0x2003, "Largest message that can be sent; read only";
        SO_PROTOCOL_INFOA = 0x2004, "The protocol info, narrow; read only";
        SO_PROTOCOL_INFOW = 0x2005, "The protocol info, wide; read only";
        SO_PROTOCOL_INFO = SO_PROTOCOL_INFOW, "The protocol info in the width of the program, here wide";
        PVD_CONFIG = 0x3001, "Configuration of the provider, opaque";
        SO_CONDITIONAL_ACCEPT = 0x3002, "Acknowledge connections only when accepted";
        SO_PAUSE_ACCEPT = 0x3003, "Stop accepting connections";
        SO_COMPARTMENT_ID = 0x3004, "Network compartment of the socket";
        SO_RANDOMIZE_PORT = 0x3005, "Choose free ports at random";
        SO_PORT_SCALABILITY = 0x3006, "Use ports once per local address";
        SO_REUSE_UNICASTPORT = 0x3007, "Share free ports among connections";
        SO_REUSE_MULTICASTPORT = 0x3008, "Share a port among multicast receivers";
        SO_ORIGINAL_DST = 0x300f, "Destination before redirection; read only";
        SO_TIMESTAMP = 0x300a, "Time stamps on received datagrams";
        SO_TIMESTAMP_ID = 0x300b, "Identifier of a time stamp on sending";
    }
    "WinSock/sol-socket-socket-options" i32 {
        SO_CONNDATA = 0x7000, "Data sent with the connection";
        SO_CONNOPT = 0x7001, "Options sent with the connection";
        SO_DISCDATA = 0x7002, "Data sent on disconnect";
        SO_DISCOPT = 0x7003, "Options sent on disconnect";
        SO_CONNDATALEN = 0x7004, "Length of the connection data";
        SO_CONNOPTLEN = 0x7005, "Length of the connection options";
        SO_DISCDATALEN = 0x7006, "Length of the disconnect data";
        SO_DISCOPTLEN = 0x7007, "Length of the disconnect options";
        SO_OPENTYPE = 0x7008, "Whether new sockets of the thread are overlapped";
        SO_MAXDG = 0x7009, "Largest datagram";
        SO_MAXPATHDG = 0x700a, "Largest datagram on the path";
        SO_UPDATE_ACCEPT_CONTEXT = 0x700b, "Give a socket from AcceptEx the properties of its listener";
        SO_CONNECT_TIME = 0x700c, "Seconds since the connection, all ones if there is none";
        SO_UPDATE_CONNECT_CONTEXT = 0x7010, "Complete the state of a socket from ConnectEx";
        SO_SYNCHRONOUS_ALERT = 0x10, "SO_OPENTYPE: blocking sockets with alertable waits";
        SO_SYNCHRONOUS_NONALERT = 0x20, "SO_OPENTYPE: blocking sockets with waits that are not alertable";
    }
    "WinSock/ipproto-tcp-socket-options" i32 {
        TCP_NODELAY = 0x0001, "Send small pieces at once";
        TCP_EXPEDITED_1122 = 0x0002, "Urgent data as in RFC 1122";
        TCP_KEEPALIVE = 3, "Seconds of idleness before the first probe";
        TCP_KEEPIDLE = TCP_KEEPALIVE, "The same as TCP_KEEPALIVE";
        TCP_MAXSEG = 4, "Largest segment";
        TCP_MAXRT = 5, "Seconds of retransmission before giving up";
        TCP_STDURG = 6, "Urgent data as in the standard";
        TCP_NOURG = 7, "No urgent data";
        TCP_ATMARK = 8, "All data before the urgent mark is read";
        TCP_NOSYNRETRIES = 9, "Connect without retries";
        TCP_TIMESTAMPS = 10, "Time stamps of RFC 1323";
        TCP_OFFLOAD_PREFERENCE = 11, "Whether to offload the connection";
        TCP_CONGESTION_ALGORITHM = 12, "Algorithm against congestion";
        TCP_DELAY_FIN_ACK = 13, "Delay the acknowledgement of the end";
        TCP_MAXRTMS = 14, "Milliseconds of retransmission before giving up";
        TCP_FASTOPEN = 15, "Send data with the first packet";
        TCP_KEEPCNT = 16, "Probes before giving up";
        TCP_KEEPINTVL = 17, "Seconds between probes";
        TCP_FAIL_CONNECT_ON_ICMP_ERROR = 18, "A control message ends a connection attempt";
        TCP_ICMP_ERROR_INFO = 19, "The control message that ended it";
        TCP_BSDURGENT = 0x7000, "Urgent data as in BSD";
    }
    "WinSock/ipproto-udp-socket-options" i32 {
        UDP_NOCHECKSUM = 1, "Send without checksum";
        UDP_SEND_MSG_SIZE = 2, "Cut large sends into datagrams of this size";
        UDP_RECV_MAX_COALESCED_SIZE = 3, "Receive several datagrams at once up to this size";
        UDP_CHECKSUM_COVERAGE = 20, "Checksum over all or only the header";
    }
    "WinSock/ipproto-ip-socket-options" i32 {
        IP_OPTIONS = 1, "Options in the header";
        IP_HDRINCL = 2, "The program gives the header, on raw sockets";
        IP_TOS = 3, "Type of service";
        IP_TTL = 4, "Time to live";
        IP_MULTICAST_IF = 9, "Interface of outgoing multicasts";
        IP_MULTICAST_TTL = 10, "Time to live of multicasts";
        IP_MULTICAST_LOOP = 11, "Multicasts come back to this machine";
        IP_ADD_MEMBERSHIP = 12, "Join a group";
        IP_DROP_MEMBERSHIP = 13, "Leave a group";
        IP_DONTFRAGMENT = 14, "Do not fragment";
        IP_ADD_SOURCE_MEMBERSHIP = 15, "Join a group for one source";
        IP_DROP_SOURCE_MEMBERSHIP = 16, "Leave a group for one source";
        IP_BLOCK_SOURCE = 17, "Block a source in a group";
        IP_UNBLOCK_SOURCE = 18, "Unblock a source in a group";
        IP_PKTINFO = 19, "Receive destination and interface as control data";
        IP_RECEIVE_BROADCAST = 22, "Receive broadcasts";
        IP_UNICAST_IF = 31, "Interface of outgoing unicasts";
    }
    "WinSock/ipproto-ipv6-socket-options" i32 {
        IPV6_HDRINCL = 2, "The program gives the header, on raw sockets";
        IPV6_UNICAST_HOPS = 4, "Hop limit of unicasts";
        IPV6_MULTICAST_IF = 9, "Interface of outgoing multicasts";
        IPV6_MULTICAST_HOPS = 10, "Hop limit of multicasts";
        IPV6_MULTICAST_LOOP = 11, "Multicasts come back to this machine";
        IPV6_ADD_MEMBERSHIP = 12, "Join a group";
        IPV6_JOIN_GROUP = IPV6_ADD_MEMBERSHIP, "The same as IPV6_ADD_MEMBERSHIP";
        IPV6_DROP_MEMBERSHIP = 13, "Leave a group";
        IPV6_LEAVE_GROUP = IPV6_DROP_MEMBERSHIP, "The same as IPV6_DROP_MEMBERSHIP";
        IPV6_PKTINFO = 19, "Receive destination and interface as control data";
        IPV6_PROTECTION_LEVEL = 23, "How far peers may be away";
        IPV6_V6ONLY = 27, "No IPv4 on this socket";
        IPV6_UNICAST_IF = 31, "Interface of outgoing unicasts";
    }
}
