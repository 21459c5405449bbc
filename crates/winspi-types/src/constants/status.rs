//! NTSTATUS values: what Internal of an overlapped structure holds.
//!
//! In C they are signed longs; here they are the same 32 bits unsigned, the form in which people know them and in which
//! they stand in the pointer-sized member.

super::table! { STATUS_TABLE,
    "minwinbase/ns-minwinbase-overlapped" u32 {
        STATUS_SUCCESS = 0x0, "The operation succeeded";
        STATUS_USER_APC = 0xc0, "An APC ran during the wait";
        STATUS_TIMEOUT = 0x102, "The time-out has passed";
        STATUS_PENDING = 0x103, "The operation has not completed yet";
        STATUS_RECEIVE_PARTIAL = 0x4000_000f, "A part of a message was received";
        STATUS_RECEIVE_EXPEDITED = 0x4000_0010, "Expedited data was received";
        STATUS_RECEIVE_PARTIAL_EXPEDITED = 0x4000_0011, "A part of expedited data was received";
        STATUS_BUFFER_OVERFLOW = 0x8000_0005, "The data was cut to the buffer";
        STATUS_UNSUCCESSFUL = 0xc000_0001, "The operation failed";
        STATUS_NOT_IMPLEMENTED = 0xc000_0002, "The operation does not exist";
        STATUS_ACCESS_VIOLATION = 0xc000_0005, "Memory may not be touched";
        STATUS_INVALID_HANDLE = 0xc000_0008, "The handle is not valid";
        STATUS_INVALID_PARAMETER = 0xc000_000d, "A parameter is wrong";
        STATUS_END_OF_FILE = 0xc000_0011, "The end of the file is reached";
        STATUS_NO_MEMORY = 0xc000_0017, "There is not enough memory";
        STATUS_ACCESS_DENIED = 0xc000_0022, "Access is denied";
        STATUS_BUFFER_TOO_SMALL = 0xc000_0023, "The buffer is too small";
        STATUS_OBJECT_TYPE_MISMATCH = 0xc000_0024, "The object is of another type";
        STATUS_SHARING_VIOLATION = 0xc000_0043, "The object is in use by another";
        STATUS_QUOTA_EXCEEDED = 0xc000_0044, "A quota is used up";
        STATUS_DELETE_PENDING = 0xc000_0056, "The object is being deleted";
        STATUS_INSUFFICIENT_RESOURCES = 0xc000_009a, "Resources are used up";
        STATUS_PIPE_DISCONNECTED = 0xc000_00b0, "The pipe is disconnected";
        STATUS_IO_TIMEOUT = 0xc000_00b5, "The operation took too long";
        STATUS_NOT_SUPPORTED = 0xc000_00bb, "The request is not supported";
        STATUS_REMOTE_NOT_LISTENING = 0xc000_00bc, "The other machine does not listen";
        STATUS_CANCELLED = 0xc000_0120, "The operation was cancelled";
        STATUS_LOCAL_DISCONNECT = 0xc000_013b, "This side has disconnected";
        STATUS_REMOTE_DISCONNECT = 0xc000_013c, "The peer has disconnected";
        STATUS_REMOTE_RESOURCES = 0xc000_013d, "The peer has no resources";
        STATUS_LINK_FAILED = 0xc000_013e, "The link has failed";
        STATUS_LINK_TIMEOUT = 0xc000_013f, "The link did not answer in time";
        STATUS_INVALID_CONNECTION = 0xc000_0140, "The connection is not valid";
        STATUS_INVALID_ADDRESS = 0xc000_0141, "The address is not valid";
        STATUS_PIPE_BROKEN = 0xc000_014b, "The other end of the pipe is closed";
        STATUS_TOO_MANY_ADDRESSES = 0xc000_0209, "The table of addresses is full";
        STATUS_ADDRESS_ALREADY_EXISTS = 0xc000_020a, "The address is in use";
        STATUS_ADDRESS_CLOSED = 0xc000_020b, "The address was closed";
        STATUS_CONNECTION_DISCONNECTED = 0xc000_020c, "The connection was disconnected";
        STATUS_CONNECTION_RESET = 0xc000_020d, "The connection was reset";
        STATUS_NOT_FOUND = 0xc000_0225, "The item was not found";
        STATUS_CONNECTION_REFUSED = 0xc000_0236, "The peer refused the connection";
        STATUS_GRACEFUL_DISCONNECT = 0xc000_0237, "The connection was closed in an orderly way";
        STATUS_ADDRESS_ALREADY_ASSOCIATED = 0xc000_0238, "The endpoint has an address already";
        STATUS_ADDRESS_NOT_ASSOCIATED = 0xc000_0239, "The endpoint has no address yet";
        STATUS_CONNECTION_INVALID = 0xc000_023a, "The connection does not exist";
        STATUS_CONNECTION_ACTIVE = 0xc000_023b, "The connection is in use";
        STATUS_NETWORK_UNREACHABLE = 0xc000_023c, "The network cannot be reached";
        STATUS_HOST_UNREACHABLE = 0xc000_023d, "The host cannot be reached";
        STATUS_PROTOCOL_UNREACHABLE = 0xc000_023e, "The host does not speak the protocol";
        STATUS_PORT_UNREACHABLE = 0xc000_023f, "Nothing listens on the port";
        STATUS_REQUEST_ABORTED = 0xc000_0240, "The request was aborted";
        STATUS_CONNECTION_ABORTED = 0xc000_0241, "The connection was ended on this side";
        STATUS_HOST_DOWN = 0xc000_0350, "The host is down";
    }
}
