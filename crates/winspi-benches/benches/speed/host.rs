//! The peer: the same on the kernel of the host, with real processes and sockets.

use std::io::{IoSlice, IoSliceMut, Read, Result, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_send_buffer_size};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketType, recvmsg, sendmsg, socket,
};

/// The argument with which this binary is the target of the handoff.
pub(crate) const TARGET: &str = "--target-of-handoff";
/// The size of a protocol info: as much goes along with the descriptor.
const INFO: usize = 628;

/// The source of the handoff, which is the server as well, and the target, a second process. Both stay.
pub(crate) struct Handoff {
    listener: TcpListener,
    name: SocketAddr,
    bus: UnixStream,
    target: Child,
}

impl Handoff {
    pub(crate) fn start() -> Result<Handoff> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let name = listener.local_addr()?;
        let (bus, other) = UnixStream::pair()?;
        let itself = std::env::current_exe()?;
        let target = Command::new(itself).arg(TARGET).stdin(Stdio::from(OwnedFd::from(other))).spawn()?;
        Ok(Handoff { listener, name, bus, target })
    }

    /// The ten steps.
    pub(crate) fn hand_over(&mut self) -> Result<()> {
        let source = TcpStream::connect(self.name)?;
        let (mut server, _) = self.listener.accept()?;
        self.bus.write_all(b"pid?")?;
        let mut pid = [0; 4];
        self.bus.read_exact(&mut pid)?;
        assert_eq!(u32::from_le_bytes(pid), self.target.id());
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let shared = [source.as_fd()];
        assert!(control.push(SendAncillaryMessage::ScmRights(&shared)));
        let sent = sendmsg(&self.bus, &[IoSlice::new(&[1; INFO])], &mut control, SendFlags::empty())?;
        assert_eq!(sent, INFO);
        let mut hello = [0; 5];
        server.read_exact(&mut hello)?;
        let mut mine = [0; 4];
        self.bus.read_exact(&mut mine)?;
        drop(source);
        // The target has sent once more when this is there; nothing else says that the tenth step is over.
        let mut still_here = [0; 10];
        server.read_exact(&mut still_here)
    }
}

impl Drop for Handoff {
    fn drop(&mut self) {
        // The target ends when it reads the end of the bus.
        let _ = self.bus.shutdown(std::net::Shutdown::Both);
        let _ = self.target.wait();
    }
}

/// The target: answers the question, takes the descriptor and uses it, until the bus ends.
pub(crate) fn target() -> Result<()> {
    let mut bus = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let mut question = [0; 4];
    while bus.read_exact(&mut question).is_ok() {
        bus.write_all(&std::process::id().to_le_bytes())?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut info = [0; INFO];
        let received = recvmsg(&bus, &mut [IoSliceMut::new(&mut info)], &mut control, RecvFlags::empty())?;
        assert_eq!(received.bytes, INFO);
        let descriptors = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        let mut shared = TcpStream::from(descriptors.expect("a descriptor came along"));
        bus.write_all(b"mine")?;
        shared.write_all(b"hello")?;
        shared.write_all(b"still here")?;
    }
    Ok(())
}

/// socket() and close().
pub(crate) fn open_and_close() {
    drop(socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket"));
}

/// A connection within this process.
pub(crate) struct Loopback {
    ends: [TcpStream; 2],
    data: Vec<u8>,
}

impl Loopback {
    pub(crate) fn new(length: usize) -> Result<Loopback> {
        const BUFFER: usize = 1 << 18;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        set_socket_recv_buffer_size(&listener, BUFFER)?;
        let client = TcpStream::connect(listener.local_addr()?)?;
        set_socket_send_buffer_size(&client, BUFFER)?;
        client.set_nodelay(true)?;
        let (server, _) = listener.accept()?;
        Ok(Loopback { ends: [client, server], data: vec![7; length] })
    }

    /// Sends the bytes at one end and receives them at the other.
    pub(crate) fn send_and_receive(&mut self) -> Result<()> {
        let [client, server] = &mut self.ends;
        client.write_all(&self.data)?;
        server.read_exact(&mut self.data)
    }
}
