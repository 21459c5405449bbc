//! The calls of a program as methods.

use std::net::SocketAddr;
use std::sync::Arc;

use winspi_core::Value;
use winspi_core::call::Timeout;
use winspi_core::call::{
    BusReceive, BusSend, CloseHandle, CreateEvent, ExitProcess, ResetEvent, SetEvent, Signature, WSADuplicateSocket,
    WSASocket, WaitForSingleObject, accept, bind, closesocket, connect, getsockname, ioctlsocket, listen, recv, send,
    shutdown, socket,
};
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::outcome::Message;
use winspi_core::value::{Buffer, Length, LengthAt, Memory, Place, Pointer};
use winspi_types::constants::{FIONBIO, FROM_PROTOCOL_INFO, WSA_FLAG_OVERLAPPED};
use winspi_types::{RawProtocolInfoW, SocketAddress};

use crate::CallError;

/// A thread that calls: one of a [`Machine`](crate::Machine), or a closure in [`live`](crate::live).
///
/// The methods are what programs call most: BSD and WSA* names, which go through Ws2_32, and a little of Win32. They
/// take the plain case (whole buffers, no flags); everything else, WSP* lines that enter a provider directly included,
/// goes through [`Winsock::call`] with a structure of [`winspi_core::call`].
pub trait Winsock {
    /// Makes a call and gives its typed result.
    ///
    /// # Errors
    ///
    /// What the call gives instead; see [`CallError`].
    fn call<F: Signature>(&self, call: F) -> Result<F::Out, CallError>;

    /// The thread that calls.
    fn thread_id(&self) -> Tid;

    /// Its process.
    fn pid(&self) -> Pid {
        self.thread_id().process
    }

    /// `socket`: makes a socket.
    fn socket(&self, af: i32, socket_type: i32, protocol: i32) -> Result<Handle, CallError> {
        self.call(socket { af, socket_type, protocol })
    }

    /// `bind`: gives a socket its local name, such as `"127.0.0.1:5000"`.
    fn bind(&self, s: Handle, name: impl Address) -> Result<(), CallError> {
        let name = name.bytes()?;
        self.call(bind { s, name: Pointer::To(name), namelen: Length(None) })
    }

    /// `listen`: makes a bound socket wait for connections.
    fn listen(&self, s: Handle, backlog: i32) -> Result<(), CallError> {
        self.call(listen { s, backlog })
    }

    /// `accept`: takes the first waiting connection; waits for one.
    fn accept(&self, s: Handle) -> Result<Handle, CallError> {
        self.call(accept { s, addr: Place::Room, addrlen: LengthAt::Fits }).map(|accepted| accepted.s)
    }

    /// `connect`: connects a socket to a peer.
    fn connect(&self, s: Handle, name: impl Address) -> Result<(), CallError> {
        let name = name.bytes()?;
        self.call(connect { s, name: Pointer::To(name), namelen: Length(None) }).map(|_| ())
    }

    /// `send`: gives how many bytes were sent.
    fn send(&self, s: Handle, data: impl AsRef<[u8]>) -> Result<usize, CallError> {
        let data: Arc<[u8]> = Arc::from(data.as_ref());
        let len = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let buf = Pointer::To(vec![Buffer { memory: Memory::Bytes(data), len }]);
        self.call(send { s, buf, len: Length(None), flags: 0 }).map(|sent| sent.number_of_bytes_sent as usize)
    }

    /// `recv`: gives what is there, at most so many bytes; none when the peer has ended its sending. Waits for some.
    fn recv(&self, s: Handle, room: u32) -> Result<Vec<u8>, CallError> {
        let buf = Pointer::To(vec![Buffer { memory: Memory::Room, len: room }]);
        self.call(recv { s, buf, len: Length(None), flags: 0 }).map(|received| received.data.to_vec())
    }

    /// `shutdown`: SD_RECEIVE, SD_SEND or SD_BOTH.
    fn shutdown(&self, s: Handle, how: i32) -> Result<(), CallError> {
        self.call(shutdown { s, how })
    }

    /// `closesocket`.
    fn close(&self, s: Handle) -> Result<(), CallError> {
        self.call(closesocket { s })
    }

    /// `getsockname`: the local name.
    fn local_name(&self, s: Handle) -> Result<SocketAddress, CallError> {
        let name = self.call(getsockname { s, name: Place::Room, namelen: Length(None) })?.name;
        SocketAddress::from_bytes(&name)
            .map_err(|_| CallError::Argument { expected: "the name of a socket", found: format!("{name:?}") })
    }

    /// `ioctlsocket` with FIONBIO: calls on the socket give WSAEWOULDBLOCK where they would wait.
    fn set_nonblocking(&self, s: Handle, nonblocking: bool) -> Result<(), CallError> {
        let argp = Value::Number(i64::from(nonblocking));
        self.call(ioctlsocket { s, cmd: FIONBIO, argp }).map(drop)
    }

    /// `WSADuplicateSocket`: the protocol info with which that process, and no other, can make a descriptor of the
    /// same socket.
    fn duplicate_socket(&self, s: Handle, target: Pid) -> Result<Arc<RawProtocolInfoW>, CallError> {
        self.call(WSADuplicateSocket { s, process_id: target.0, protocol_info: Place::Room })
    }

    /// `WSASocket` with a protocol info: one more descriptor of a shared socket. Takes an info, or a message with one.
    fn socket_from_info(&self, info: impl Payload) -> Result<Handle, CallError> {
        let value = info.value();
        let wrong = || CallError::Argument { expected: "a protocol info: 628 bytes", found: value.to_string() };
        let bytes = value.to_bytes().ok_or_else(wrong)?;
        let info = RawProtocolInfoW::from_slice(&bytes).map_err(|_| wrong())?;
        self.call(WSASocket {
            af: FROM_PROTOCOL_INFO,
            socket_type: FROM_PROTOCOL_INFO,
            protocol: FROM_PROTOCOL_INFO,
            protocol_info: Pointer::To(Arc::new(info)),
            g: 0,
            flags: WSA_FLAG_OVERLAPPED,
        })
    }

    /// `BusSend`: sends a message to a process over the simulated IPC; what crosses is bytes.
    fn bus_send(&self, to: Pid, payload: impl Payload) -> Result<(), CallError> {
        self.call(BusSend { process: to.0, value: payload.value() })
    }

    /// `BusReceive`: the oldest message, whoever sent it; waits for one.
    fn bus_receive(&self) -> Result<Message, CallError> {
        self.call(BusReceive { process: 0 })
    }

    /// `BusReceive` of the messages of one process.
    fn bus_receive_from(&self, from: Pid) -> Result<Message, CallError> {
        self.call(BusReceive { process: from.0 })
    }

    /// `CreateEvent`, without a name.
    fn create_event(&self, manual_reset: bool, initial_state: bool) -> Result<Handle, CallError> {
        self.call(CreateEvent { event_attributes: Value::Null, manual_reset, initial_state, name: Value::Null })
    }

    /// `SetEvent`.
    fn set_event(&self, event: Handle) -> Result<(), CallError> {
        self.call(SetEvent { event })
    }

    /// `ResetEvent`.
    fn reset_event(&self, event: Handle) -> Result<(), CallError> {
        self.call(ResetEvent { event })
    }

    /// `WaitForSingleObject`: waits for an event or the end of a process, so many milliseconds or for ever.
    fn wait_for(&self, object: Handle, milliseconds: Option<u32>) -> Result<(), CallError> {
        self.call(WaitForSingleObject { handle: object, milliseconds: Timeout(milliseconds) }).map(drop)
    }

    /// `CloseHandle`: closes a handle in the kernel, without the knowledge of Ws2_32.
    fn close_handle(&self, object: Handle) -> Result<(), CallError> {
        self.call(CloseHandle { object })
    }

    /// `ExitProcess`: never comes back; what this gives is [`CallError::Ended`].
    fn exit_process(&self, exit_code: u32) -> CallError {
        self.call(ExitProcess { exit_code }).err().unwrap_or(CallError::Ended)
    }
}

/// A socket address, typed or as text.
pub trait Address {
    /// The bytes of the `sockaddr`.
    ///
    /// # Errors
    ///
    /// [`CallError::Argument`] for a text that is none.
    fn bytes(self) -> Result<Arc<[u8]>, CallError>;
}

impl Address for SocketAddress {
    fn bytes(self) -> Result<Arc<[u8]>, CallError> {
        Ok(Arc::from(self.to_bytes().as_slice()))
    }
}

impl Address for SocketAddr {
    fn bytes(self) -> Result<Arc<[u8]>, CallError> {
        SocketAddress::from(self).bytes()
    }
}

impl Address for &str {
    fn bytes(self) -> Result<Arc<[u8]>, CallError> {
        let wrong = |_| CallError::Argument { expected: "a socket address", found: self.to_owned() };
        self.parse::<SocketAddress>().map_err(wrong)?.bytes()
    }
}

/// What a message carries: bytes in one form or another.
pub trait Payload {
    /// The value that `BusSend` takes.
    fn value(self) -> Value;
}

macro_rules! payloads {
    ($( $type:ty, $this:ident => $value:expr; )*) => {$(
        impl Payload for $type {
            fn value(self) -> Value {
                let $this = self;
                $value
            }
        }
    )*};
}

payloads! {
    &str, text => Value::bytes(text);
    &[u8], bytes => Value::bytes(bytes);
    &Vec<u8>, bytes => Value::bytes(bytes);
    u32, number => Value::Number(i64::from(number));
    Pid, pid => Value::Number(i64::from(pid.0));
    &Arc<RawProtocolInfoW>, info => Value::Info(info.clone());
    Arc<RawProtocolInfoW>, info => Value::Info(info);
    &Message, message => Value::Bytes(message.data.clone());
    Message, message => Value::Bytes(message.data);
}

impl<const N: usize> Payload for &[u8; N] {
    fn value(self) -> Value {
        Value::bytes(self)
    }
}
