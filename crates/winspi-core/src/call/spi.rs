//! The functions of providers, the upcalls, and what Ws2_32 gives to programs. Those of providers come first.

macro_rules! spi_functions {
    ($then:ident! [$($more:ident)*] $($before:tt)*) => {
        $then! {
            [$($more)*] $($before)*
            /// Starts a provider for one process: negotiates a version, hands over the upcall table, gets the procedure table.
            ///
            /// Without error the provider counts one start more; the first makes its instance in the process. The code is the
            /// return value itself. `upcall_table` is the table of Ws2_32; NULL and `bad` are a table that leads nowhere.
            WSPStartup(Provider, "nc-ws2spi-lpwspstartup", Partial("limits of tasks are a fault; an upcall table is that of Ws2_32, or nothing")) -> Started {
                version_requested: Version = "version_requested" "wVersionRequested",
                protocol_info: InfoIn = "protocol_info" "lpProtocolInfo",
                upcall_table: Place = "upcall_table" "UpcallTable",
                wsp_data: Place = "wsp_data" "lpWSPData",
                proc_table: Place = "proc_table" "lpProcTable",
            }
            /// Ends one start; the last one releases all that the provider holds for the process.
            WSPCleanup(Provider, "nc-ws2spi-lpwspcleanup", Partial("sockets still open are closed by their linger options")) -> () {}
            /// Makes a socket, or one more descriptor of a shared one when the info is a special one from WSPDuplicateSocket.
            ///
            /// `af`, `type`, `protocol`: FROM_PROTOCOL_INFO (-1) takes the member of the info.
            WSPSocket(Provider, "nc-ws2spi-lpwspsocket", Partial("TCP, UDP, and raw sockets as far as making them goes; groups and multipoint are not modelled")) -> Handle {
                af: i32 = "af" "af",
                socket_type: i32 = "type" "type",
                protocol: i32 = "protocol" "protocol",
                protocol_info: InfoIn = "protocol_info" "lpProtocolInfo",
                g: u32 = "g" "g",
                flags: u32 = "flags" "dwFlags",
            }
            /// Closes a descriptor; the last one of a socket closes the socket.
            WSPCloseSocket(Provider, "nc-ws2spi-lpwspclosesocket", Full) -> () {
                s: Handle = "s" "s",
            }
            /// Gives a socket its local name. Port 0 becomes a free port (decision `ephemeral-ports`).
            WSPBind(Provider, "nc-ws2spi-lpwspbind", Full) -> () {
                s: Handle = "s" "s",
                name: Name = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// Makes a bound socket wait for connections; `backlog` is the number of connections that may wait.
            WSPListen(Provider, "nc-ws2spi-lpwsplisten", Full) -> () {
                s: Handle = "s" "s",
                backlog: i32 = "backlog" "backlog",
            }
            /// Takes the first waiting connection, after asking the condition function if one is given.
            WSPAccept(Provider, "nc-ws2spi-lpwspaccept", Partial("without groups and quality of service")) -> Accepted {
                s: Handle = "s" "s",
                addr: Place = "addr" "addr",
                addrlen: LengthAt = "addrlen" "addrlen",
                condition: Routine = "condition" "lpfnCondition",
                callback_data: u64 = "callback_data" "dwCallbackData",
            }
            /// Connects a socket to a peer; an unbound one is bound first.
            ///
            /// `callee_data`: what the peer gives back where the protocol carries connect data, a buffer or one with a name.
            WSPConnect(Provider, "nc-ws2spi-lpwspconnect", Partial("without quality of service")) -> Connected {
                s: Handle = "s" "s",
                name: Name = "name" "name",
                namelen: Length = "namelen" "namelen",
                caller_data: Value = "caller_data" "lpCallerData",
                callee_data: Space = "callee_data" "lpCalleeData",
                sqos: Value = "sqos" "lpSQOS",
                gqos: Value = "gqos" "lpGQOS",
            }
            /// Ends sending (1, SD_SEND), receiving (0, SD_RECEIVE) or both (2, SD_BOTH); releases nothing.
            WSPShutdown(Provider, "nc-ws2spi-lpwspshutdown", Full) -> () {
                s: Handle = "s" "s",
                how: i32 = "how" "how",
            }
            /// Ends sending, with disconnect data where the protocol carries it; releases nothing.
            WSPSendDisconnect(Provider, "nc-ws2spi-lpwspsenddisconnect", Full) -> () {
                s: Handle = "s" "s",
                outbound_disconnect_data: Value = "outbound_disconnect_data" "lpOutboundDisconnectData",
            }
            /// Ends receiving and gives the disconnect data of the peer; the peer does not hear of it.
            WSPRecvDisconnect(Provider, "nc-ws2spi-lpwsprecvdisconnect", Full) -> Disconnected {
                s: Handle = "s" "s",
                inbound_disconnect_data: Space = "inbound_disconnect_data" "lpInboundDisconnectData",
            }
            /// Sends the bytes of the buffers in order.
            WSPSend(Provider, "nc-ws2spi-lpwspsend", Partial("no out-of-band data, no completion routines")) -> Sent {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_sent: Place = "number_of_bytes_sent" "lpNumberOfBytesSent",
                flags: u32 = "flags" "dwFlags",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
                thread_id: Value = "thread_id" "lpThreadId",
            }
            /// Receives what is there into the buffers in order; 0 bytes mean that the peer has ended its sending.
            WSPRecv(Provider, "nc-ws2spi-lpwsprecv", Partial("MSG_PEEK and MSG_PARTIAL only, no completion routines")) -> Received {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_recvd: Place = "number_of_bytes_recvd" "lpNumberOfBytesRecvd",
                flags: u32 = "flags" "lpFlags",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
                thread_id: Value = "thread_id" "lpThreadId",
            }
            /// Gives the result of an overlapped operation, after waiting for it if `wait` is TRUE.
            WSPGetOverlappedResult(Provider, "nc-ws2spi-lpwspgetoverlappedresult", Full) -> OverlappedResult {
                s: Handle = "s" "s",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                transfer: Place = "transfer" "lpcbTransfer",
                wait: bool = "wait" "fWait",
                flags: Place = "flags" "lpdwFlags",
            }
            /// Asks for the indication of network events by an event object, in the place of what was asked for before.
            ///
            /// With `network_events` 0 the registration ends and `event_object` is not looked at. The socket is nonblocking
            /// afterwards in any case.
            WSPEventSelect(Provider, "nc-ws2spi-lpwspeventselect", Partial("FD_READ, FD_WRITE, FD_ACCEPT, FD_CONNECT, FD_CLOSE; the others never happen")) -> () {
                s: Handle = "s" "s",
                event_object: Handle = "event_object" "hEventObject",
                network_events: i32 = "network_events" "lNetworkEvents",
            }
            /// Gives the network events that were recorded since the last call, clears the record, and resets an event.
            WSPEnumNetworkEvents(Provider, "nc-ws2spi-lpwspenumnetworkevents", Full) -> NetworkEvents {
                s: Handle = "s" "s",
                event_object: Handle = "event_object" "hEventObject",
                network_events: Place = "network_events" "lpNetworkEvents",
            }
            /// Makes the special info with which `process_id` can get a descriptor of this socket.
            WSPDuplicateSocket(Provider, "nc-ws2spi-lpwspduplicatesocket", Full) -> Arc<winspi_types::RawProtocolInfoW> {
                s: Handle = "s" "s",
                process_id: u32 = "process_id" "dwProcessId",
                protocol_info: Place = "protocol_info" "lpProtocolInfo",
            }
            /// Gives the local name of a socket.
            WSPGetSockName(Provider, "nc-ws2spi-lpwspgetsockname", Full) -> SocketName {
                s: Handle = "s" "s",
                name: Place = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// Sends one datagram to an address, or to the peer; on a connection it is [`WSPSend`].
            WSPSendTo(Provider, "nc-ws2spi-lpwspsendto", Partial("no completion routines; raw sockets are not modelled")) -> Sent {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_sent: Place = "number_of_bytes_sent" "lpNumberOfBytesSent",
                flags: u32 = "flags" "dwFlags",
                to: Name = "to" "lpTo",
                tolen: Length = "tolen" "iTolen",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
                thread_id: Value = "thread_id" "lpThreadId",
            }
            /// Receives one datagram and the name of its sender; on a connection it is [`WSPRecv`].
            WSPRecvFrom(Provider, "nc-ws2spi-lpwsprecvfrom", Partial("MSG_PEEK and MSG_PARTIAL only, no completion routines; raw sockets are not modelled")) -> ReceivedFrom {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_recvd: Place = "number_of_bytes_recvd" "lpNumberOfBytesRecvd",
                flags: u32 = "flags" "lpFlags",
                from: Target = "from" "lpFrom",
                fromlen: Length = "fromlen" "lpFromlen",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
                thread_id: Value = "thread_id" "lpThreadId",
            }
            /// Gives the name of the peer.
            WSPGetPeerName(Provider, "nc-ws2spi-lpwspgetpeername", Full) -> SocketName {
                s: Handle = "s" "s",
                name: Place = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// Gives the value of an option.
            WSPGetSockOpt(Provider, "nc-ws2spi-lpwspgetsockopt", Partial("the options of the table in provider/base/option.rs")) -> OptionValue {
                s: Handle = "s" "s",
                level: i32 = "level" "level",
                optname: i32 = "optname" "optname",
                optval: Place = "optval" "optval",
                optlen: Length = "optlen" "optlen",
            }
            /// Sets an option: a number, or a linger structure `{onoff=1, linger=5}`.
            WSPSetSockOpt(Provider, "nc-ws2spi-lpwspsetsockopt", Partial("the options of the table in provider/base/option.rs")) -> () {
                s: Handle = "s" "s",
                level: i32 = "level" "level",
                optname: i32 = "optname" "optname",
                optval: Value = "optval" "optval",
                optlen: Length = "optlen" "optlen",
            }
            /// Cancels the blocking call of this thread, from within its hook.
            WSPCancelBlockingCall(Provider, "nc-ws2spi-lpwspcancelblockingcall", Full) -> () {}
            /// Changes or asks the mode of a socket.
            WSPIoctl(Provider, "nc-ws2spi-lpwspioctl", Partial("FIONBIO, FIONREAD, SIOCATMARK, SIO_UDP_CONNRESET")) -> IoctlResult {
                s: Handle = "s" "s",
                io_control_code: u32 = "io_control_code" "dwIoControlCode",
                in_buffer: Value = "in_buffer" "lpvInBuffer",
                in_buffer_len: Length = "in_buffer_len" "cbInBuffer",
                out_buffer: Place = "out_buffer" "lpvOutBuffer",
                out_buffer_len: Length = "out_buffer_len" "cbOutBuffer",
                bytes_returned: Place = "bytes_returned" "lpcbBytesReturned",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
                thread_id: Value = "thread_id" "lpThreadId",
            }

            /// Makes a socket handle for a provider whose descriptors are no system handles.
            WPUCreateSocketHandle(Upcall, "nf-ws2spi-wpucreatesockethandle", Full) -> Handle {
                catalog_entry_id: u32 = "catalog_entry_id" "dwCatalogEntryId",
                context: u64 = "context" "dwContext",
            }
            /// Takes such a handle out of the table of Ws2_32.
            WPUCloseSocketHandle(Upcall, "nf-ws2spi-wpuclosesockethandle", Full) -> () {
                s: Handle = "s" "s",
            }
            /// Registers a system handle for a provider; the program sees the handle that comes back.
            WPUModifyIFSHandle(Upcall, "nf-ws2spi-wpumodifyifshandle", Full) -> Handle {
                catalog_entry_id: u32 = "catalog_entry_id" "dwCatalogEntryId",
                proposed_handle: Handle = "proposed_handle" "ProposedHandle",
            }
            /// Gives the context that the provider set when it made the handle.
            WPUQuerySocketHandleContext(Upcall, "nf-ws2spi-wpuquerysockethandlecontext", Full) -> Context {
                s: Handle = "s" "s",
                context: Place = "context" "lpContext",
            }
            /// Gives the path of a provider's DLL as it was installed.
            WPUGetProviderPath(Upcall, "nf-ws2spi-wpugetproviderpath", Full) -> String {
                provider_id: Guid = "provider_id" "lpProviderId",
                provider_dll_path: Place = "provider_dll_path" "lpszProviderDllPath",
                provider_dll_path_len: Length = "provider_dll_path_len" "lpProviderDllPathLen",
            }
            /// Announces that an overlapped operation of a handle made by WPUCreateSocketHandle is done.
            WPUCompleteOverlappedRequest(Upcall, "nf-ws2spi-wpucompleteoverlappedrequest", Full) -> () {
                s: Handle = "s" "s",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                error: u32 = "error" "dwError",
                transferred: u32 = "transferred" "cbTransferred",
            }
            /// Says whether a set contains a socket.
            WPUFDIsSet(Upcall, "nf-ws2spi-wpufdisset", Full) -> i64 {
                s: Handle = "s" "s",
                fdset: Value = "fdset" "fdset",
            }
            /// Gives the blocking hook of the thread and the value that goes with it, or null.
            WPUQueryBlockingCallback(Upcall, "nf-ws2spi-wpuqueryblockingcallback", Full) -> BlockingHook {
                catalog_entry_id: u32 = "catalog_entry_id" "dwCatalogEntryId",
                callback: Place = "callback" "lplpfnCallback",
                context: Place = "context" "lpdwContext",
            }
            /// Makes an event object: manual reset, nonsignaled.
            WPUCreateEvent(Upcall, "nf-ws2spi-wpucreateevent", Full) -> Handle {}
            /// Closes the handle of an event object; TRUE.
            WPUCloseEvent(Upcall, "nf-ws2spi-wpucloseevent", Full) -> i64 {
                event: Handle = "event" "hEvent",
            }
            /// Sets an event object; TRUE.
            WPUSetEvent(Upcall, "nf-ws2spi-wpusetevent", Full) -> i64 {
                event: Handle = "event" "hEvent",
            }
            /// Resets an event object; TRUE.
            WPUResetEvent(Upcall, "nf-ws2spi-wpuresetevent", Full) -> i64 {
                event: Handle = "event" "hEvent",
            }

            /// Starts Ws2_32 for the process.
            WSAStartup(Ws2_32, "nf-winsock2-wsastartup", Full) -> Startup {
                version_requested: Version = "version_requested" "wVersionRequired",
                wsa_data: Place = "wsa_data" "lpWSAData",
            }
            /// Ends one start of Ws2_32; the last one ends all providers of the process.
            WSACleanup(Ws2_32, "nf-winsock2-wsacleanup", Full) -> () {}
            /// Installs a blocking hook for the thread, and gives the one before; for programs of version 1.
            WSASetBlockingHook(Ws2_32, "nf-winsock2-wsasetblockinghook", Full) -> Value {
                block_func: Routine = "block_func" "lpBlockFunc",
            }
            /// Takes the blocking hook of the thread away.
            WSAUnhookBlockingHook(Ws2_32, "nf-winsock2-wsaunhookblockinghook", Full) -> () {}
            /// Whether a call of the thread blocks.
            WSAIsBlocking(Ws2_32, "nf-winsock2-wsaisblocking", Full) -> i64 {}
            /// [`WSPCancelBlockingCall`] for programs of version 1.
            WSACancelBlockingCall(Ws2_32, "nf-winsock2-wsacancelblockingcall", Full) -> () {}
            /// The code of the last call of the thread that failed, or what [`WSASetLastError`] has put in its place.
            WSAGetLastError(Ws2_32, "nf-winsock2-wsagetlasterror", Full) -> i64 {}
            /// Sets what [`WSAGetLastError`] gives.
            WSASetLastError(Ws2_32, "nf-winsock2-wsasetlasterror", Full) -> () {
                error: i32 = "error" "iError",
            }
            /// The protocols of the catalog that programs choose from: all, or those of a list that a zero ends. Layers alone
            /// and hidden entries are left out.
            WSAEnumProtocols(Ws2_32, "nf-winsock2-wsaenumprotocolsw", Full) -> Enumerated {
                protocols: Value = "protocols" "lpiProtocols",
                protocol_buffer: Place = "protocol_buffer" "lpProtocolBuffer",
                buffer_length: Length = "buffer_length" "lpdwBufferLength",
            }
            /// All entries of the catalog in their order, or those of a list of protocols that a zero ends.
            WSCEnumProtocols(Ws2_32, "nf-ws2spi-wscenumprotocols", Full) -> Enumerated {
                protocols: Value = "protocols" "lpiProtocols",
                protocol_buffer: Place = "protocol_buffer" "lpProtocolBuffer",
                buffer_length: Length = "buffer_length" "lpdwBufferLength",
            }
            /// [`WSPSocket`] through Ws2_32, which chooses the provider by the triple or by the info.
            WSASocket(Ws2_32, "nf-winsock2-wsasocketw", Partial("as WSPSocket")) -> Handle {
                af: i32 = "af" "af",
                socket_type: i32 = "type" "type",
                protocol: i32 = "protocol" "protocol",
                protocol_info: InfoIn = "protocol_info" "lpProtocolInfo",
                g: u32 = "g" "g",
                flags: u32 = "flags" "dwFlags",
            }
            /// [`WSASocket`] with the overlapped attribute and without an info.
            socket(Ws2_32, "nf-winsock2-socket", Partial("as WSPSocket")) -> Handle {
                af: i32 = "af" "af",
                socket_type: i32 = "type" "type",
                protocol: i32 = "protocol" "protocol",
            }
            /// [`WSPCloseSocket`] through Ws2_32.
            closesocket(Ws2_32, "nf-winsock2-closesocket", Full) -> () {
                s: Handle = "s" "s",
            }
            /// [`WSPBind`] through Ws2_32.
            bind(Ws2_32, "nf-winsock2-bind", Full) -> () {
                s: Handle = "s" "s",
                name: Name = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// [`WSPListen`] through Ws2_32.
            listen(Ws2_32, "nf-winsock2-listen", Full) -> () {
                s: Handle = "s" "s",
                backlog: i32 = "backlog" "backlog",
            }
            /// [`WSPAccept`] through Ws2_32.
            WSAAccept(Ws2_32, "nf-winsock2-wsaaccept", Partial("as WSPAccept")) -> Accepted {
                s: Handle = "s" "s",
                addr: Place = "addr" "addr",
                addrlen: LengthAt = "addrlen" "addrlen",
                condition: Routine = "condition" "lpfnCondition",
                callback_data: u64 = "callback_data" "dwCallbackData",
            }
            /// [`WSAAccept`] without a condition function.
            accept(Ws2_32, "nf-winsock2-accept", Partial("as WSPAccept")) -> Accepted {
                s: Handle = "s" "s",
                addr: Place = "addr" "addr",
                addrlen: LengthAt = "addrlen" "addrlen",
            }
            /// [`WSPConnect`] through Ws2_32.
            WSAConnect(Ws2_32, "nf-winsock2-wsaconnect", Partial("as WSPConnect")) -> Connected {
                s: Handle = "s" "s",
                name: Name = "name" "name",
                namelen: Length = "namelen" "namelen",
                caller_data: Value = "caller_data" "lpCallerData",
                callee_data: Space = "callee_data" "lpCalleeData",
                sqos: Value = "sqos" "lpSQOS",
                gqos: Value = "gqos" "lpGQOS",
            }
            /// [`WSAConnect`] without connect data and quality of service.
            connect(Ws2_32, "nf-winsock2-connect", Partial("as WSPConnect")) -> Connected {
                s: Handle = "s" "s",
                name: Name = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// [`WSPShutdown`] through Ws2_32.
            shutdown(Ws2_32, "nf-winsock2-shutdown", Full) -> () {
                s: Handle = "s" "s",
                how: i32 = "how" "how",
            }
            /// [`WSPSendDisconnect`] through Ws2_32.
            WSASendDisconnect(Ws2_32, "nf-winsock2-wsasenddisconnect", Full) -> () {
                s: Handle = "s" "s",
                outbound_disconnect_data: Value = "outbound_disconnect_data" "lpOutboundDisconnectData",
            }
            /// [`WSPRecvDisconnect`] through Ws2_32.
            WSARecvDisconnect(Ws2_32, "nf-winsock2-wsarecvdisconnect", Full) -> Disconnected {
                s: Handle = "s" "s",
                inbound_disconnect_data: Space = "inbound_disconnect_data" "lpInboundDisconnectData",
            }
            /// [`WSPSend`] through Ws2_32.
            WSASend(Ws2_32, "nf-winsock2-wsasend", Partial("as WSPSend")) -> Sent {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_sent: Place = "number_of_bytes_sent" "lpNumberOfBytesSent",
                flags: u32 = "flags" "dwFlags",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
            }
            /// [`WSASend`] of one buffer.
            send(Ws2_32, "nf-winsock2-send", Partial("as WSPSend")) -> Sent {
                s: Handle = "s" "s",
                buf: Buffers = "buf" "buf",
                len: Length = "len" "len",
                flags: u32 = "flags" "flags",
            }
            /// [`WSPRecv`] through Ws2_32.
            WSARecv(Ws2_32, "nf-winsock2-wsarecv", Partial("as WSPRecv")) -> Received {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_recvd: Place = "number_of_bytes_recvd" "lpNumberOfBytesRecvd",
                flags: u32 = "flags" "lpFlags",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
            }
            /// [`WSARecv`] into one buffer.
            recv(Ws2_32, "nf-winsock2-recv", Partial("as WSPRecv")) -> Received {
                s: Handle = "s" "s",
                buf: Buffers = "buf" "buf",
                len: Length = "len" "len",
                flags: u32 = "flags" "flags",
            }
            /// [`WSPGetOverlappedResult`] through Ws2_32.
            WSAGetOverlappedResult(Ws2_32, "nf-winsock2-wsagetoverlappedresult", Full) -> OverlappedResult {
                s: Handle = "s" "s",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                transfer: Place = "transfer" "lpcbTransfer",
                wait: bool = "wait" "fWait",
                flags: Place = "flags" "lpdwFlags",
            }
            /// [`WSPEventSelect`] through Ws2_32.
            WSAEventSelect(Ws2_32, "nf-winsock2-wsaeventselect", Partial("as WSPEventSelect")) -> () {
                s: Handle = "s" "s",
                event_object: Handle = "event_object" "hEventObject",
                network_events: i32 = "network_events" "lNetworkEvents",
            }
            /// [`WSPEnumNetworkEvents`] through Ws2_32.
            WSAEnumNetworkEvents(Ws2_32, "nf-winsock2-wsaenumnetworkevents", Full) -> NetworkEvents {
                s: Handle = "s" "s",
                event_object: Handle = "event_object" "hEventObject",
                network_events: Place = "network_events" "lpNetworkEvents",
            }
            /// Makes an event object: manual reset, nonsignaled. A native service.
            WSACreateEvent(Ws2_32, "nf-winsock2-wsacreateevent", Full) -> Handle {}
            /// Closes the handle of an event object. A native service.
            WSACloseEvent(Ws2_32, "nf-winsock2-wsacloseevent", Full) -> () {
                event: Handle = "event" "hEvent",
            }
            /// Sets an event object. A native service.
            WSASetEvent(Ws2_32, "nf-winsock2-wsasetevent", Full) -> () {
                event: Handle = "event" "hEvent",
            }
            /// Resets an event object. A native service.
            WSAResetEvent(Ws2_32, "nf-winsock2-wsaresetevent", Full) -> () {
                event: Handle = "event" "hEvent",
            }
            /// Waits for one or all of several events. A native service; left out, `timeout` is WSA_INFINITE.
            WSAWaitForMultipleEvents(Ws2_32, "nf-winsock2-wsawaitformultipleevents", Partial("without completion routines")) -> i64 {
                events_len: Length = "events_len" "cEvents",
                events: Value = "events" "lphEvents",
                wait_all: bool = "wait_all" "fWaitAll",
                timeout: Timeout = "timeout" "dwTimeout",
                alertable: bool = "alertable" "fAlertable",
            }
            /// [`WSPDuplicateSocket`] through Ws2_32.
            WSADuplicateSocket(Ws2_32, "nf-winsock2-wsaduplicatesocketw", Full) -> Arc<winspi_types::RawProtocolInfoW> {
                s: Handle = "s" "s",
                process_id: u32 = "process_id" "dwProcessId",
                protocol_info: Place = "protocol_info" "lpProtocolInfo",
            }
            /// [`WSPGetSockName`] through Ws2_32.
            getsockname(Ws2_32, "nf-winsock-getsockname", Full) -> SocketName {
                s: Handle = "s" "s",
                name: Place = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// [`WSPSendTo`] through Ws2_32.
            WSASendTo(Ws2_32, "nf-winsock2-wsasendto", Partial("as WSPSendTo")) -> Sent {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_sent: Place = "number_of_bytes_sent" "lpNumberOfBytesSent",
                flags: u32 = "flags" "dwFlags",
                to: Name = "to" "lpTo",
                tolen: Length = "tolen" "iTolen",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
            }
            /// [`WSASendTo`] of one buffer.
            sendto(Ws2_32, "nf-winsock2-sendto", Partial("as WSPSendTo")) -> Sent {
                s: Handle = "s" "s",
                buf: Buffers = "buf" "buf",
                len: Length = "len" "len",
                flags: u32 = "flags" "flags",
                to: Name = "to" "to",
                tolen: Length = "tolen" "tolen",
            }
            /// [`WSPRecvFrom`] through Ws2_32.
            WSARecvFrom(Ws2_32, "nf-winsock2-wsarecvfrom", Partial("as WSPRecvFrom")) -> ReceivedFrom {
                s: Handle = "s" "s",
                buffers: Buffers = "buffers" "lpBuffers",
                buffer_count: Length = "buffer_count" "dwBufferCount",
                number_of_bytes_recvd: Place = "number_of_bytes_recvd" "lpNumberOfBytesRecvd",
                flags: u32 = "flags" "lpFlags",
                from: Target = "from" "lpFrom",
                fromlen: Length = "fromlen" "lpFromlen",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
            }
            /// [`WSARecvFrom`] into one buffer.
            recvfrom(Ws2_32, "nf-winsock2-recvfrom", Partial("as WSPRecvFrom")) -> ReceivedFrom {
                s: Handle = "s" "s",
                buf: Buffers = "buf" "buf",
                len: Length = "len" "len",
                flags: u32 = "flags" "flags",
                from: Target = "from" "from",
                fromlen: Length = "fromlen" "fromlen",
            }
            /// [`WSPGetPeerName`] through Ws2_32.
            getpeername(Ws2_32, "nf-winsock2-getpeername", Full) -> SocketName {
                s: Handle = "s" "s",
                name: Place = "name" "name",
                namelen: Length = "namelen" "namelen",
            }
            /// [`WSPGetSockOpt`] through Ws2_32.
            getsockopt(Ws2_32, "nf-winsock2-getsockopt", Partial("as WSPGetSockOpt")) -> OptionValue {
                s: Handle = "s" "s",
                level: i32 = "level" "level",
                optname: i32 = "optname" "optname",
                optval: Place = "optval" "optval",
                optlen: Length = "optlen" "optlen",
            }
            /// [`WSPSetSockOpt`] through Ws2_32.
            setsockopt(Ws2_32, "nf-winsock2-setsockopt", Partial("as WSPSetSockOpt")) -> () {
                s: Handle = "s" "s",
                level: i32 = "level" "level",
                optname: i32 = "optname" "optname",
                optval: Value = "optval" "optval",
                optlen: Length = "optlen" "optlen",
            }
            /// [`WSPIoctl`] through Ws2_32.
            WSAIoctl(Ws2_32, "nf-winsock2-wsaioctl", Partial("as WSPIoctl")) -> IoctlResult {
                s: Handle = "s" "s",
                io_control_code: u32 = "io_control_code" "dwIoControlCode",
                in_buffer: Value = "in_buffer" "lpvInBuffer",
                in_buffer_len: Length = "in_buffer_len" "cbInBuffer",
                out_buffer: Place = "out_buffer" "lpvOutBuffer",
                out_buffer_len: Length = "out_buffer_len" "cbOutBuffer",
                bytes_returned: Place = "bytes_returned" "lpcbBytesReturned",
                overlapped: OverlappedIn = "overlapped" "lpOverlapped",
                completion_routine: Routine = "completion_routine" "lpCompletionRoutine",
            }
            /// [`WSAIoctl`] with one number in and out.
            ioctlsocket(Ws2_32, "nf-winsock-ioctlsocket", Partial("as WSPIoctl")) -> IoctlResult {
                s: Handle = "s" "s",
                cmd: u32 = "cmd" "cmd",
                argp: Value = "argp" "argp",
            }
        }
    };
}
