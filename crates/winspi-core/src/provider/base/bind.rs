//! WSPBind, WSPGetSockName and WSPGetPeerName.

use winspi_types::{AddressError, ErrorCode, SocketAddress};

use crate::call::{WSPBind, WSPGetPeerName, WSPGetSockName};
use crate::clause;
use crate::outcome::{Answer, Refusal, SocketName};
use crate::policy::WildcardName;
use crate::rule;
use crate::transport::{DatagramSocket, Role};
use crate::value::{Place, Pointer};
use crate::wait::Socket;
use crate::world::Cx;

/// Gives a socket its local name.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPBind.error-einval` | the socket has a name already | WSAEINVAL |
/// | `WSPBind.error-efault-memory` | `name` is no memory | WSAEFAULT |
/// | `WSPBind.error-efault-namelen` | `namelen` is too small for the family | WSAEFAULT |
/// | `WSPBind.error-efault-family` | the family is not the socket's | WSAEFAULT |
/// | `WSPBind.error-eaddrnotavail` | the address is not one of this machine | WSAEADDRNOTAVAIL |
/// | `WSPBind.error-eaddrinuse` | the name is in use | WSAEADDRINUSE |
/// | `SocketOptions.so-exclusiveaddruse-second-exclusive` | the same, and SO_EXCLUSIVEADDRUSE is set | WSAEADDRINUSE |
/// | `SocketOptions.so-exclusiveaddruse-blocks-reuseaddr` | the same, and SO_REUSEADDR is set, but the user was bound with SO_EXCLUSIVEADDRUSE | WSAEACCES |
///
/// Checked in this order (decision `order-of-checks`). With SO_REUSEADDR a name that is in use can be used again (`WSPBind.reuseaddr-allows`). Whether a wildcard and a
/// specific address are the same is decision `wildcard-bind`.
pub(crate) fn bind(cx: &mut Cx<'_>, s: Socket, a: &WSPBind) -> Answer<()> {
    let (family, socket_type) = (cx.world.endpoint(s.endpoint).family, cx.world.endpoint(s.endpoint).socket_type);
    rule!(cx.world.endpoint(s.endpoint).local.is_none(), WSAEINVAL, "WSPBind.error-einval");
    let Pointer::To(bytes) = &a.name else {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPBind.error-efault-memory")));
    };
    rule!(a.namelen.or(bytes.len()) >= size_of_name(family), WSAEFAULT, "WSPBind.error-efault-namelen");
    let name = match SocketAddress::from_bytes(bytes) {
        Ok(name) => name,
        Err(AddressError::TooShort { .. } | AddressError::NoFamily { .. }) => {
            return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPBind.error-efault-memory")));
        }
        Err(AddressError::UnknownFamily(_)) => {
            return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPBind.error-efault-family")));
        }
    };
    rule!(i32::from(name.family()) == family, WSAEFAULT, "WSPBind.error-efault-family");
    rule!(cx.world.is_local_address(&name), WSAEADDRNOTAVAIL, "WSPBind.error-eaddrnotavail");
    if name.port() != 0 {
        check_use(cx, s, socket_type, &name)?;
    }
    let named = cx.world.name_endpoint(s.endpoint, name);
    named.map_err(|code| Refusal::code(code, clause!("WSPBind.error-enobufs")))?;
    cx.hit(if name.port() == 0 { clause!("WSPBind.port-zero") } else { clause!("WSPBind.assigns-name") });
    Ok(())
}

/// Whether the options of a socket let it have a name, given those that have it.
fn check_use(cx: &mut Cx<'_>, s: Socket, socket_type: i32, name: &SocketAddress) -> Answer<()> {
    let options = &cx.world.endpoint(s.endpoint).options;
    let (reuse, exclusive) = (options.reuse_address, options.exclusive_address);
    let mut users = cx.world.users_of(socket_type, name).peekable();
    if users.peek().is_none() {
        return Ok(());
    }
    rule!(!exclusive, WSAEADDRINUSE, "SocketOptions.so-exclusiveaddruse-second-exclusive");
    rule!(reuse, WSAEADDRINUSE, "WSPBind.error-eaddrinuse");
    rule!(!users.any(|u| u.bound.exclusive), WSAEACCES, "SocketOptions.so-exclusiveaddruse-blocks-reuseaddr");
    drop(users);
    cx.hit(clause!("WSPBind.reuseaddr-allows"));
    Ok(())
}

/// Bytes of a sockaddr of this family.
pub(crate) fn size_of_name(family: i32) -> i64 {
    if family == winspi_types::constants::AF_INET6 { 28 } else { 16 }
}

/// Gives the local name of a socket.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPGetSockName.error-einval-unbound` | the socket has no name | WSAEINVAL |
/// | `WSPGetSockName.error-efault-memory` | `name` is no memory | WSAEFAULT |
/// | `WSPGetSockName.error-efault-namelen` | `namelen` is too small | WSAEFAULT |
///
/// Checked in this order (decision `order-of-checks`). A wildcard name is given as it is: decision `wildcard-name`.
pub(crate) fn get_sock_name(cx: &mut Cx<'_>, s: Socket, a: &WSPGetSockName) -> Answer<SocketName> {
    let Some(local) = cx.world.endpoint(s.endpoint).local else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPGetSockName.error-einval-unbound")));
    };
    let connected = matches!(cx.world.endpoint(s.endpoint).role, Role::Connected { .. });
    if cx.world.policy().wildcard_name == WildcardName::Refuse && local.is_unspecified() && !connected {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPGetSockName.error-einval-any")));
    }
    rule!(a.name == Place::Room, WSAEFAULT, "WSPGetSockName.error-efault-memory");
    let name = SocketName::of(&local);
    let room = a.namelen.or(name.name.len());
    rule!(room >= name.name.len() as i64, WSAEFAULT, "WSPGetSockName.error-efault-namelen");
    cx.hit(clause!("WSPGetSockName.local-address"));
    Ok(name)
}

/// Gives the name of the peer.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPGetPeerName.error-enotconn` | the socket has no peer | WSAENOTCONN |
/// | `WSPGetPeerName.error-efault-memory` | `name` is no memory | WSAEFAULT |
/// | `WSPGetPeerName.error-efault-namelen` | `namelen` is too small | WSAEFAULT |
///
/// Checked in this order (decision `order-of-checks`). Of a datagram socket it is the name that WSPConnect has set (`WSPGetPeerName.dgram-connect-only`).
pub(crate) fn get_peer_name(cx: &mut Cx<'_>, s: Socket, a: &WSPGetPeerName) -> Answer<SocketName> {
    let datagrams = cx.world.endpoint(s.endpoint).datagrams();
    let (connectionless, mut peer) = (datagrams.is_some(), datagrams.and_then(DatagramSocket::peer));
    if let Some((connection, side, _)) = cx.world.end_of(s.endpoint) {
        peer = cx.world.connection(connection).map(|c| c.end(side.other()).name);
    }
    let Some(peer) = peer else {
        return Err(Refusal::code(ErrorCode::WSAENOTCONN, clause!("WSPGetPeerName.error-enotconn")));
    };
    rule!(a.name == Place::Room, WSAEFAULT, "WSPGetPeerName.error-efault-memory");
    let name = SocketName::of(&peer);
    let room = a.namelen.or(name.name.len());
    rule!(room >= name.name.len() as i64, WSAEFAULT, "WSPGetPeerName.error-efault-namelen");
    cx.hit(match connectionless {
        true => clause!("WSPGetPeerName.dgram-connect-only"),
        false => clause!("WSPGetPeerName.peer-address"),
    });
    Ok(name)
}
