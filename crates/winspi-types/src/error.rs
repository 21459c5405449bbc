//! Error codes of Windows Sockets, and those of Win32 that socket work meets.
//!
//! Pages: `WinSock/windows-sockets-error-codes-2`, `WinSock/error-codes-errno-h-errno-and-wsagetlasterror-2`, and
//! `Debug/system-error-codes` of Win32.
//!
//! ERROR_SUCCESS is no error and stands in [`crate::constants`].

use core::fmt;

use serde::{Deserialize, Serialize};

/// An error code: what WSAGetLastError, GetLastError and *lpErrno hold.
///
/// Any number is allowed, because a provider may return any; the table below knows names and texts of the usual
/// ones. It prints as its name, or in decimal without one. Where one number has two names (6, 8, 87, 995, 996, 997),
/// the one that begins with WSA is printed, and both are read. The stored form is the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(pub i32);

impl ErrorCode {
    /// The number.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The name of the headers, the WSA one if there are two; None for a number that the table lacks.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.name)
    }

    /// What it means, in a few words of our own without a full stop.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.row().map_or("a code without a name", |row| row.text)
    }

    /// The code of this name; exactly as in the headers, no numbers.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.code)
    }

    /// All names, for suggestions: WSA first, then ERROR_, each by number.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.name)
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.code == self)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => self.0.fmt(f),
        }
    }
}

impl From<ErrorCode> for i32 {
    fn from(code: ErrorCode) -> Self {
        code.0
    }
}

/// One line of the table.
struct Row {
    name: &'static str,
    code: ErrorCode,
    text: &'static str,
}

/// One declaration gives the associated constant and the line of the table.
macro_rules! errors {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        impl ErrorCode {
            $(
                #[doc = concat!(stringify!($number), ": ", $text, ".")]
                pub const $name: Self = Self($number);
            )*
        }

        const TABLE: &[Row] = &[
            $(Row { name: stringify!($name), code: ErrorCode::$name, text: $text },)*
        ];
    };
}

errors! {
    WSA_INVALID_HANDLE = 6, "the handle is not valid";
    WSA_NOT_ENOUGH_MEMORY = 8, "there is not enough memory";
    WSA_INVALID_PARAMETER = 87, "a parameter is wrong";
    WSA_OPERATION_ABORTED = 995, "the overlapped operation was cancelled, or its socket was closed";
    WSA_IO_INCOMPLETE = 996, "the overlapped operation has not completed yet";
    WSA_IO_PENDING = 997, "the overlapped operation has begun and will complete later";
    WSAEINTR = 10004, "a blocking call was cancelled";
    WSAEBADF = 10009, "the file handle is bad";
    WSAEACCES = 10013, "access is not allowed";
    WSAEFAULT = 10014, "a pointer or the size of the room it points to is bad";
    WSAEINVAL = 10022, "an argument or the state of the socket does not allow the call";
    WSAEMFILE = 10024, "no more socket descriptors are available";
    WSAEWOULDBLOCK = 10035, "the call would have to wait, and the socket is nonblocking";
    WSAEINPROGRESS = 10036, "a blocking call is in progress";
    WSAEALREADY = 10037, "the same operation is in progress already";
    WSAENOTSOCK = 10038, "the descriptor is not a socket";
    WSAEDESTADDRREQ = 10039, "a destination address is needed";
    WSAEMSGSIZE = 10040, "the message is larger than the buffer or the limit";
    WSAEPROTOTYPE = 10041, "the protocol is of the wrong type for this socket";
    WSAENOPROTOOPT = 10042, "the option is unknown or not supported here";
    WSAEPROTONOSUPPORT = 10043, "the protocol is not supported";
    WSAESOCKTNOSUPPORT = 10044, "the socket type is not supported in this family";
    WSAEOPNOTSUPP = 10045, "the operation is not supported on this kind of socket";
    WSAEPFNOSUPPORT = 10046, "the protocol family is not supported";
    WSAEAFNOSUPPORT = 10047, "the address family is not supported or does not fit";
    WSAEADDRINUSE = 10048, "the address is in use";
    WSAEADDRNOTAVAIL = 10049, "the address cannot be used on this machine";
    WSAENETDOWN = 10050, "the network subsystem has failed";
    WSAENETUNREACH = 10051, "the network cannot be reached from here";
    WSAENETRESET = 10052, "the connection was broken by the network, or a time to live ran out";
    WSAECONNABORTED = 10053, "the connection was ended on this side";
    WSAECONNRESET = 10054, "the peer reset the connection";
    WSAENOBUFS = 10055, "no buffer space is available";
    WSAEISCONN = 10056, "the socket is connected already";
    WSAENOTCONN = 10057, "the socket is not connected";
    WSAESHUTDOWN = 10058, "this direction of the socket was shut down";
    WSAETOOMANYREFS = 10059, "there are too many references to a kernel object";
    WSAETIMEDOUT = 10060, "the peer did not answer in time";
    WSAECONNREFUSED = 10061, "the peer refused the connection";
    WSAELOOP = 10062, "the name cannot be translated";
    WSAENAMETOOLONG = 10063, "the name is too long";
    WSAEHOSTDOWN = 10064, "the destination host is down";
    WSAEHOSTUNREACH = 10065, "there is no route to the host";
    WSAENOTEMPTY = 10066, "the directory is not empty";
    WSAEPROCLIM = 10067, "too many processes use Windows Sockets";
    WSAEUSERS = 10068, "the user quota is used up";
    WSAEDQUOT = 10069, "the disk quota is used up";
    WSAESTALE = 10070, "the file handle is stale";
    WSAEREMOTE = 10071, "the item is not on this machine";
    WSASYSNOTREADY = 10091, "the network subsystem is not ready";
    WSAVERNOTSUPPORTED = 10092, "the requested version of Windows Sockets is not supported";
    WSANOTINITIALISED = 10093, "there was no successful startup in this process";
    WSAEDISCON = 10101, "the peer has begun an orderly disconnect";
    WSAENOMORE = 10102, "there are no more results";
    WSAECANCELLED = 10103, "the call was cancelled";
    WSAEINVALIDPROCTABLE = 10104, "the provider's procedure table is invalid";
    WSAEINVALIDPROVIDER = 10105, "the provider is invalid";
    WSAEPROVIDERFAILEDINIT = 10106, "the provider could not be loaded or started";
    WSASYSCALLFAILURE = 10107, "a system call that should not fail has failed";
    WSASERVICE_NOT_FOUND = 10108, "the service is not known";
    WSATYPE_NOT_FOUND = 10109, "the class is not known";
    WSA_E_NO_MORE = 10110, "there are no more results";
    WSA_E_CANCELLED = 10111, "the call was cancelled";
    WSAEREFUSED = 10112, "the query was refused";
    WSAHOST_NOT_FOUND = 11001, "there is no such host";
    WSATRY_AGAIN = 11002, "the host was not found for now; a later attempt may succeed";
    WSANO_RECOVERY = 11003, "the name lookup failed for good";
    WSANO_DATA = 11004, "the name exists but has no data of this type";
    WSA_QOS_RECEIVERS = 11005, "a receiver's reservation has arrived";
    WSA_QOS_SENDERS = 11006, "a sender's path has arrived";
    WSA_QOS_NO_SENDERS = 11007, "there are no senders";
    WSA_QOS_NO_RECEIVERS = 11008, "there are no receivers";
    WSA_QOS_REQUEST_CONFIRMED = 11009, "the reservation is confirmed";
    WSA_QOS_ADMISSION_FAILURE = 11010, "resources for the quality of service are lacking";
    WSA_QOS_POLICY_FAILURE = 11011, "policy or credentials rejected the quality of service";
    WSA_QOS_BAD_STYLE = 11012, "the reservation style is unknown or in conflict";
    WSA_QOS_BAD_OBJECT = 11013, "a filter or the provider specific buffer is wrong";
    WSA_QOS_TRAFFIC_CTRL_ERROR = 11014, "traffic control refused the flow";
    WSA_QOS_GENERIC_ERROR = 11015, "quality of service failed without a closer reason";
    WSA_QOS_ESERVICETYPE = 11016, "the service type in the flow is invalid";
    WSA_QOS_EFLOWSPEC = 11017, "the flow specification is invalid";
    WSA_QOS_EPROVSPECBUF = 11018, "the provider specific buffer is invalid";
    WSA_QOS_EFILTERSTYLE = 11019, "the filter style is invalid";
    WSA_QOS_EFILTERTYPE = 11020, "the filter type is invalid";
    WSA_QOS_EFILTERCOUNT = 11021, "the number of filters is wrong";
    WSA_QOS_EOBJLENGTH = 11022, "the length of an object is wrong";
    WSA_QOS_EFLOWCOUNT = 11023, "the number of flow descriptors is wrong";
    WSA_QOS_EUNKOWNPSOBJ = 11024, "an object in the provider specific buffer is unknown (the header spells it so)";
    WSA_QOS_EPOLICYOBJ = 11025, "a policy object is invalid";
    WSA_QOS_EFLOWDESC = 11026, "a flow descriptor is invalid";
    WSA_QOS_EPSFLOWSPEC = 11027, "a flow specification in the provider specific buffer is invalid";
    WSA_QOS_EPSFILTERSPEC = 11028, "a filter in the provider specific buffer is invalid";
    WSA_QOS_ESDMODEOBJ = 11029, "a shape or discard mode object is invalid";
    WSA_QOS_ESHAPERATEOBJ = 11030, "a shaping rate object is invalid";
    WSA_QOS_RESERVED_PETYPE = 11031, "a reserved policy element was used";
    WSA_SECURE_HOST_NOT_FOUND = 11032, "there is no such host by a secure lookup";
    WSA_IPSEC_NAME_POLICY_ERROR = 11033, "the IPsec name policy cannot be met";
    WAIT_TIMEOUT = 258, "the wait ended by its time-out";

    ERROR_INVALID_FUNCTION = 1, "the function is not valid here";
    ERROR_FILE_NOT_FOUND = 2, "the file or object does not exist";
    ERROR_PATH_NOT_FOUND = 3, "the path does not exist";
    ERROR_TOO_MANY_OPEN_FILES = 4, "no more handles can be opened";
    ERROR_ACCESS_DENIED = 5, "access is denied";
    ERROR_INVALID_HANDLE = 6, "the handle is not valid";
    ERROR_NOT_ENOUGH_MEMORY = 8, "there is not enough memory";
    ERROR_BAD_FORMAT = 11, "the format is wrong";
    ERROR_INVALID_DATA = 13, "the data is not valid";
    ERROR_OUTOFMEMORY = 14, "there is not enough storage";
    ERROR_NOT_READY = 21, "the device is not ready";
    ERROR_BAD_COMMAND = 22, "the device does not know the command";
    ERROR_BAD_LENGTH = 24, "the length does not fit the command";
    ERROR_SEEK = 25, "the position cannot be reached";
    ERROR_WRITE_FAULT = 29, "the device cannot be written";
    ERROR_READ_FAULT = 30, "the device cannot be read";
    ERROR_GEN_FAILURE = 31, "the device does not work";
    ERROR_SHARING_VIOLATION = 32, "the file is in use by another process";
    ERROR_HANDLE_EOF = 38, "the end of the file is reached";
    ERROR_NOT_SUPPORTED = 50, "the request is not supported";
    ERROR_BAD_NETPATH = 53, "the network path does not exist";
    ERROR_NETWORK_BUSY = 54, "the network is busy";
    ERROR_DEV_NOT_EXIST = 55, "the network resource is no longer there";
    ERROR_UNEXP_NET_ERR = 59, "the network had an unexpected error";
    ERROR_NETNAME_DELETED = 64, "the connection is gone";
    ERROR_NETWORK_ACCESS_DENIED = 65, "the network denies access";
    ERROR_FILE_EXISTS = 80, "the file exists already";
    ERROR_INVALID_PARAMETER = 87, "a parameter is wrong";
    ERROR_BROKEN_PIPE = 109, "the other end of the pipe is closed";
    ERROR_CALL_NOT_IMPLEMENTED = 120, "the function does not exist on this system";
    ERROR_SEM_TIMEOUT = 121, "the time-out of a request has passed";
    ERROR_INSUFFICIENT_BUFFER = 122, "the buffer is too small";
    ERROR_INVALID_NAME = 123, "the name has a wrong form";
    ERROR_MOD_NOT_FOUND = 126, "the DLL was not found";
    ERROR_PROC_NOT_FOUND = 127, "the DLL has no such entry point";
    ERROR_NEGATIVE_SEEK = 131, "the position would be before the start of the file";
    ERROR_BUSY = 170, "the resource is in use";
    ERROR_ALREADY_EXISTS = 183, "an object of this name exists already";
    ERROR_BAD_EXE_FORMAT = 193, "the image is not for this kind of process";
    ERROR_ENVVAR_NOT_FOUND = 203, "the environment has no such variable";
    ERROR_NO_DATA = 232, "the pipe is being closed";
    ERROR_PIPE_NOT_CONNECTED = 233, "no process is at the other end of the pipe";
    ERROR_MORE_DATA = 234, "there is more data than was given";
    ERROR_VC_DISCONNECTED = 240, "the session was ended";
    ERROR_DIRECTORY = 267, "the directory name is not valid";
    ERROR_NOT_OWNER = 288, "the caller does not own the object";
    ERROR_TOO_MANY_POSTS = 298, "the semaphore's limit is reached";
    ERROR_INVALID_ADDRESS = 487, "the memory address is not valid";
    ERROR_ABANDONED_WAIT_0 = 735, "the completion port was closed during the wait";
    ERROR_OPERATION_ABORTED = 995, "the overlapped operation was cancelled";
    ERROR_IO_INCOMPLETE = 996, "the overlapped operation has not completed yet";
    ERROR_IO_PENDING = 997, "the overlapped operation has begun and will complete later";
    ERROR_NOACCESS = 998, "the memory may not be accessed";
    ERROR_INVALID_FLAGS = 1004, "the flags are not valid";
    ERROR_FILE_INVALID = 1006, "the file was changed from outside and is no longer valid";
    ERROR_SERVICE_DISABLED = 1058, "the service is disabled";
    ERROR_PROCESS_ABORTED = 1067, "the process ended unexpectedly";
    ERROR_DLL_INIT_FAILED = 1114, "the DLL's start routine failed";
    ERROR_IO_DEVICE = 1117, "the device had an error";
    ERROR_POSSIBLE_DEADLOCK = 1131, "the request could block for ever";
    ERROR_NOT_FOUND = 1168, "the item was not found; no such operation is pending";
    ERROR_BAD_DEVICE = 1200, "the device name is not valid";
    ERROR_CONNECTION_UNAVAIL = 1201, "the device is remembered but not connected";
    ERROR_INVALID_NETNAME = 1214, "the network name has a wrong form";
    ERROR_CANCELLED = 1223, "the user cancelled the operation";
    ERROR_USER_MAPPED_FILE = 1224, "the file has a mapped section";
    ERROR_CONNECTION_REFUSED = 1225, "the peer refused the connection";
    ERROR_GRACEFUL_DISCONNECT = 1226, "the connection was closed in an orderly way";
    ERROR_ADDRESS_ALREADY_ASSOCIATED = 1227, "the endpoint has an address already";
    ERROR_ADDRESS_NOT_ASSOCIATED = 1228, "the endpoint has no address yet";
    ERROR_CONNECTION_INVALID = 1229, "the connection does not exist";
    ERROR_CONNECTION_ACTIVE = 1230, "the connection is in use";
    ERROR_NETWORK_UNREACHABLE = 1231, "the network cannot be reached";
    ERROR_HOST_UNREACHABLE = 1232, "the host cannot be reached";
    ERROR_PROTOCOL_UNREACHABLE = 1233, "the host does not speak the protocol";
    ERROR_PORT_UNREACHABLE = 1234, "nothing listens on the port";
    ERROR_REQUEST_ABORTED = 1235, "the request was aborted";
    ERROR_CONNECTION_ABORTED = 1236, "the connection was ended on this side";
    ERROR_RETRY = 1237, "a later attempt may succeed";
    ERROR_HOST_DOWN = 1256, "the host is down";
    ERROR_PRIVILEGE_NOT_HELD = 1314, "the caller lacks a privilege";
    ERROR_INVALID_WINDOW_HANDLE = 1400, "the window handle is not valid";
    ERROR_INVALID_THREAD_ID = 1444, "the thread identifier is not valid";
    ERROR_NO_SYSTEM_RESOURCES = 1450, "system resources are used up";
    ERROR_COMMITMENT_LIMIT = 1455, "the page file is too small";
    ERROR_TIMEOUT = 1460, "the time-out has passed";
    ERROR_INVALID_USER_BUFFER = 1784, "the caller's buffer is not valid for the operation";
    ERROR_NOT_ENOUGH_QUOTA = 1816, "a quota is used up";
    ERROR_INVALID_STATE = 5023, "the state of the object does not allow the call";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_lead_back() {
        let mut seen = BTreeSet::new();
        for row in TABLE {
            assert!(seen.insert(row.name), "{} twice", row.name);
            assert_eq!(ErrorCode::from_name(row.name), Some(row.code));
            assert!(!row.text.is_empty() && !row.text.ends_with('.'));
        }
    }

    #[test]
    fn numbers_with_two_names_print_the_first() {
        for (number, printed, other) in [
            (6, "WSA_INVALID_HANDLE", "ERROR_INVALID_HANDLE"),
            (8, "WSA_NOT_ENOUGH_MEMORY", "ERROR_NOT_ENOUGH_MEMORY"),
            (87, "WSA_INVALID_PARAMETER", "ERROR_INVALID_PARAMETER"),
            (995, "WSA_OPERATION_ABORTED", "ERROR_OPERATION_ABORTED"),
            (996, "WSA_IO_INCOMPLETE", "ERROR_IO_INCOMPLETE"),
            (997, "WSA_IO_PENDING", "ERROR_IO_PENDING"),
        ] {
            assert_eq!(ErrorCode(number).to_string(), printed);
            assert_eq!(ErrorCode::from_name(printed), Some(ErrorCode(number)));
            assert_eq!(ErrorCode::from_name(other), Some(ErrorCode(number)));
        }
        let numbers: BTreeSet<_> = TABLE.iter().map(|row| row.code).collect();
        assert_eq!(numbers.len() + 6, TABLE.len(), "no other number twice");
    }

    #[test]
    fn unknown_numbers_print_in_decimal() {
        for (number, text) in [(0, "0"), (-1, "-1"), (12345, "12345")] {
            assert_eq!(ErrorCode(number).to_string(), text);
            assert_eq!(ErrorCode(number).name(), None);
            assert_eq!(ErrorCode(number).text(), "a code without a name");
        }
        assert_eq!(ErrorCode::from_name("12345"), None);
        assert_eq!(ErrorCode::from_name("WSAENOTSOCKS"), None);
    }

    #[test]
    fn stored_form_is_the_number() {
        let json = serde_json::to_string(&ErrorCode::WSAENOTSOCK).expect("stores");
        assert_eq!(json, "10038");
        assert_eq!(serde_json::from_str::<ErrorCode>("10038").ok(), Some(ErrorCode::WSAENOTSOCK));
    }
}
