//! WSPGetSockOpt and WSPSetSockOpt: one table of the options, and the rules on them.
//!
//! Pages: `ws2spi/nc-ws2spi-lpwspgetsockopt`, `ws2spi/nc-ws2spi-lpwspsetsockopt`,
//! `WinSock/sol-socket-socket-options`, `WinSock/socket-options-and-ioctls-2`. What can be set is
//! on the socket: all descriptors of a shared socket see the same values.

use winspi_types::constants::{
    AF_INET6, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP, PVD_CONFIG, SO_ACCEPTCONN, SO_BROADCAST,
    SO_CONDITIONAL_ACCEPT, SO_CONNDATA, SO_DEBUG, SO_DISCOPTLEN, SO_DONTLINGER, SO_DONTROUTE, SO_ERROR,
    SO_EXCLUSIVEADDRUSE, SO_GROUP_ID, SO_GROUP_PRIORITY, SO_KEEPALIVE, SO_LINGER, SO_MAX_MSG_SIZE, SO_MAXDG,
    SO_MAXPATHDG, SO_OOBINLINE, SO_PROTOCOL_INFOW, SO_RCVBUF, SO_RCVLOWAT, SO_REUSEADDR, SO_SNDBUF, SO_SNDLOWAT,
    SO_TYPE, SO_USELOOPBACK, SOCK_STREAM, SOL_SOCKET, TCP_NODELAY, constant_name,
};
use winspi_types::{ErrorCode, RawProtocolInfoW};

use crate::call::{WSPGetSockOpt, WSPSetSockOpt};
use crate::clause;
use crate::clause::Clause;
use crate::outcome::{Answer, Basis, OptionValue, Refusal};
use crate::policy::Decision;
use crate::provider::base::datagram::largest_message;
use crate::provider::base::entry_for;
use crate::rule;
use crate::transport::{Linger, Role};
use crate::value::{Place, Value};
use crate::wait::Socket;
use crate::world::Cx;

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name of the header.
    pub name: &'static str,
    /// The level.
    pub level: i32,
    /// The number.
    pub number: i32,
    /// What a value is.
    pub kind: Kind,
    /// Which sockets it is for.
    pub of: Of,
    /// Whether it can be set.
    pub settable: bool,
    /// Where its value is kept.
    pub lives: Lives,
    /// What it is on a new socket.
    pub default: &'static str,
    /// The clause that it rests on.
    pub clause: Clause,
}

/// What a value of an option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A truth value in four bytes; nonzero is TRUE.
    Bool,
    /// A number in four bytes.
    Int,
    /// A linger structure: two numbers of two bytes.
    Linger,
    /// A protocol info of 628 bytes.
    Info,
}

/// Which sockets an option is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// All.
    All,
    /// Connection-oriented ones; on others it reads as its default and cannot be set (decision `plausible-options`).
    Stream,
    /// Those that send messages.
    Message,
}

/// Where the value of an option is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lives {
    /// On the socket: all descriptors see it alike.
    Socket,
    /// In the catalog entry of the socket's protocol.
    Catalog,
    /// Nowhere: it has one value.
    Constant,
}

macro_rules! options {
    ($( $level:ident $name:ident $kind:ident $of:ident $set:literal $lives:ident $default:literal $clause:literal; )*) => {
        /// All options that are modelled, by level and in the order of the pages.
        pub const TABLE: &[Row] = &[ $( Row {
            name: stringify!($name),
            level: $level,
            number: $name,
            kind: Kind::$kind,
            of: Of::$of,
            settable: $set,
            lives: Lives::$lives,
            default: $default,
            clause: clause::clause($clause),
        }, )* ];
    };
}

options! {
    SOL_SOCKET SO_ACCEPTCONN Bool All false Socket "FALSE" "WSPGetSockOpt.so-acceptconn-default";
    SOL_SOCKET SO_BROADCAST Bool All true Socket "FALSE" "WSPGetSockOpt.so-broadcast-default";
    SOL_SOCKET SO_CONDITIONAL_ACCEPT Bool Stream true Socket "FALSE" "SocketOptions.so-conditional-accept-default";
    SOL_SOCKET SO_DEBUG Bool All true Socket "FALSE" "WSPGetSockOpt.so-debug-default";
    SOL_SOCKET SO_DONTLINGER Bool Stream true Socket "TRUE" "WSPGetSockOpt.so-dontlinger-default";
    SOL_SOCKET SO_DONTROUTE Bool All true Socket "FALSE" "WSPGetSockOpt.so-dontroute-default";
    SOL_SOCKET SO_ERROR Int All false Socket "0" "WSPGetSockOpt.so-error-default";
    SOL_SOCKET SO_EXCLUSIVEADDRUSE Bool All true Socket "FALSE" "SocketOptions.so-exclusiveaddruse-before-bind";
    SOL_SOCKET SO_GROUP_ID Int All false Constant "0" "WSPGetSockOpt.so-group-id-default";
    SOL_SOCKET SO_GROUP_PRIORITY Int All true Constant "0" "WSPGetSockOpt.so-group-priority-default";
    SOL_SOCKET SO_KEEPALIVE Bool Stream true Socket "FALSE" "WSPGetSockOpt.so-keepalive-default";
    SOL_SOCKET SO_LINGER Linger Stream true Socket "{onoff=0, linger=0}" "WSPGetSockOpt.so-linger-default";
    SOL_SOCKET SO_MAX_MSG_SIZE Int All false Catalog "that of the protocol" "WSPGetSockOpt.so-max-msg-size";
    SOL_SOCKET SO_MAXDG Int Message false Catalog "that of the protocol" "SocketOptions.so-maxdg";
    SOL_SOCKET SO_MAXPATHDG Int Message false Catalog "that of the protocol" "SocketOptions.so-maxpathdg";
    SOL_SOCKET SO_OOBINLINE Bool Stream true Socket "FALSE" "WSPGetSockOpt.so-oobinline-default";
    SOL_SOCKET SO_PROTOCOL_INFOW Info All false Catalog "the catalog entry" "WSPGetSockOpt.so-protocol-info";
    SOL_SOCKET SO_RCVBUF Int All true Socket "decision stream-buffer" "WSPGetSockOpt.so-rcvbuf-value";
    SOL_SOCKET SO_REUSEADDR Bool All true Socket "FALSE" "WSPGetSockOpt.so-reuseaddr-default";
    SOL_SOCKET SO_SNDBUF Int All true Socket "decision stream-buffer" "WSPGetSockOpt.so-sndbuf-value";
    SOL_SOCKET SO_TYPE Int All false Socket "that of the socket" "WSPGetSockOpt.so-type-value";
    IPPROTO_TCP TCP_NODELAY Bool Stream true Socket "FALSE" "SocketOptions.tcp-nodelay-default";
}

/// The row of an option, or why there is none. `get` says for which of the two functions.
fn row(cx: &Cx<'_>, socket: Socket, level: i32, number: i32, get: bool) -> Answer<&'static Row> {
    let pick = |get_clause: Clause, set_clause: Clause| if get { get_clause } else { set_clause };
    let unknown = pick(clause!("WSPGetSockOpt.enoprotoopt"), clause!("WSPSetSockOpt.enoprotoopt"));
    let refuse = |code, basis: Clause| Err(Refusal::code(code, basis));
    let prefix = match level {
        SOL_SOCKET => "SO_",
        IPPROTO_TCP => "TCP_",
        IPPROTO_UDP => "UDP_",
        IPPROTO_IP => "IP_",
        IPPROTO_IPV6 => "IPV6_",
        _ => {
            let basis = pick(clause!("WSPGetSockOpt.einval-level"), clause!("WSPSetSockOpt.einval-level"));
            return refuse(ErrorCode::WSAEINVAL, basis);
        }
    };
    let endpoint = cx.world.endpoint(socket.endpoint);
    let is_tcp = (endpoint.socket_type, endpoint.protocol) == (SOCK_STREAM, IPPROTO_TCP);
    if let Some(row) = TABLE.iter().find(|row| row.level == level && row.number == number) {
        let messages = !endpoint.is_circuit() || endpoint.service().messages;
        // An option of TCP is none of another protocol; one of the socket reads as its default.
        let elsewhere = match row.of {
            Of::All => false,
            Of::Stream if level == IPPROTO_TCP => !is_tcp,
            Of::Stream => !get && !endpoint.is_circuit(),
            Of::Message => !messages,
        };
        if elsewhere {
            return refuse(
                ErrorCode::WSAENOPROTOOPT,
                match number {
                    SO_KEEPALIVE if level == SOL_SOCKET => clause!("SocketOptions.so-keepalive-datagram"),
                    SO_OOBINLINE => clause!("SocketOptions.so-oobinline-connection-oriented"),
                    _ => unknown,
                },
            );
        }
        return Ok(row);
    }
    match (level, number) {
        (SOL_SOCKET, SO_RCVLOWAT) => refuse(ErrorCode::WSAEINVAL, clause!("SocketOptions.so-rcvlowat-unsupported")),
        (SOL_SOCKET, SO_SNDLOWAT) => refuse(ErrorCode::WSAEINVAL, clause!("SocketOptions.so-sndlowat-unsupported")),
        (SOL_SOCKET, SO_USELOOPBACK) => {
            refuse(ErrorCode::WSAEINVAL, clause!("SocketOptions.so-useloopback-unsupported"))
        }
        (SOL_SOCKET, SO_CONNDATA..=SO_DISCOPTLEN) => {
            refuse(ErrorCode::WSAENOPROTOOPT, clause!("SocketOptions.connect-data-options-unsupported"))
        }
        (SOL_SOCKET, PVD_CONFIG) => refuse(ErrorCode::WSAENOPROTOOPT, unknown),
        // Of no use on this socket, whatever it is.
        (IPPROTO_UDP, _) if endpoint.is_circuit() => refuse(ErrorCode::WSAENOPROTOOPT, unknown),
        (IPPROTO_TCP, _) if !is_tcp => refuse(ErrorCode::WSAENOPROTOOPT, unknown),
        _ => match constant_name(prefix, i64::from(number)) {
            Some(name) => Err(Refusal::not_modelled(format!("the option {name}"))),
            None => refuse(ErrorCode::WSAENOPROTOOPT, unknown),
        },
    }
}

/// Gives the value of an option.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPGetSockOpt.einval-level` | the level is none | WSAEINVAL |
/// | `WSPGetSockOpt.enoprotoopt` | there is no such option on this socket | WSAENOPROTOOPT |
/// | `WSPGetSockOpt.efault-pointer` | `optval` is no memory | WSAEFAULT |
/// | `WSPGetSockOpt.efault-too-small` | `optlen` is too small for the value | WSAEFAULT |
///
/// Options that are known and not in the table are not modelled.
pub(crate) fn get(cx: &mut Cx<'_>, s: Socket, a: &WSPGetSockOpt) -> Answer<OptionValue> {
    let row = row(cx, s, a.level, a.optname, true)?;
    rule!(a.optval == Place::Room, WSAEFAULT, "WSPGetSockOpt.efault-pointer");
    let size: u32 = match row.kind {
        Kind::Bool | Kind::Int | Kind::Linger => 4,
        Kind::Info => RawProtocolInfoW::SIZE as u32,
    };
    rule!(a.optlen.or(size as usize) >= i64::from(size), WSAEFAULT, "WSPGetSockOpt.efault-too-small");
    let optval = read(cx, s, row)?;
    cx.hit(row.clause);
    Ok(OptionValue { optval, optlen: size })
}

fn read(cx: &mut Cx<'_>, s: Socket, row: &Row) -> Answer<Value> {
    let endpoint = cx.world.endpoint(s.endpoint);
    let options = &endpoint.options;
    let flag = |on: bool| Value::Number(i64::from(on));
    Ok(match (row.level, row.number) {
        (IPPROTO_TCP, TCP_NODELAY) => flag(options.no_delay),
        (_, SO_ACCEPTCONN) => flag(matches!(endpoint.role, Role::Listening(_))),
        (_, SO_BROADCAST) => flag(options.broadcast),
        (_, SO_CONDITIONAL_ACCEPT) => flag(options.conditional_accept),
        (_, SO_DEBUG) => flag(options.debug),
        (_, SO_DONTLINGER) => flag(!options.linger.on),
        (_, SO_DONTROUTE) => flag(options.dont_route),
        (_, SO_EXCLUSIVEADDRUSE) => flag(options.exclusive_address),
        (_, SO_KEEPALIVE) => flag(options.keep_alive),
        (_, SO_OOBINLINE) => flag(options.oob_inline),
        (_, SO_REUSEADDR) => flag(options.reuse_address),
        (_, SO_GROUP_ID | SO_GROUP_PRIORITY) => Value::Number(0),
        (_, SO_RCVBUF) => Value::Number(i64::from(options.receive_buffer)),
        (_, SO_SNDBUF) => Value::Number(i64::from(options.send_buffer)),
        (_, SO_TYPE) => Value::Number(i64::from(endpoint.socket_type)),
        (_, SO_LINGER) => Value::Record(vec![
            ("onoff".to_owned(), flag(options.linger.on)),
            ("linger".to_owned(), Value::Number(i64::from(options.linger.seconds))),
        ]),
        (_, SO_MAX_MSG_SIZE | SO_MAXDG | SO_MAXPATHDG) => Value::Number(largest_message(cx, s) as i64),
        (_, SO_PROTOCOL_INFOW) => {
            let entry = entry_for(cx, endpoint.family, endpoint.socket_type, endpoint.protocol);
            let entry = entry.and_then(|id| cx.world.catalog().entry(id));
            let entry = entry.ok_or_else(|| Refusal::not_modelled("a socket of no catalog entry"))?;
            Value::Info(entry.info.clone())
        }
        (_, SO_ERROR) => Value::Number(take_error(cx, s)),
        _ => return Err(Refusal::not_modelled(row.name)),
    })
}

/// Takes the failure that nobody was told (decision `socket-error`); reading clears it.
fn take_error(cx: &mut Cx<'_>, s: Socket) -> i64 {
    let endpoint = cx.world.endpoint_mut(s.endpoint);
    let failure = match &mut endpoint.role {
        Role::Unconnected { failure } => failure.take(),
        _ => None,
    };
    let error = failure.or_else(|| endpoint.options.error.take());
    if error.is_some() {
        cx.hit(clause!("WSPGetSockOpt.so-error-resets"));
    }
    error.map_or(0, |error| i64::from(error.number()))
}

/// Sets an option.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPSetSockOpt.einval-level` | the level is none | WSAEINVAL |
/// | `WSPSetSockOpt.enoprotoopt` | there is no such option on this socket | WSAENOPROTOOPT |
/// | `WSPSetSockOpt.get-only-so-type` and its like | it cannot be set | WSAENOPROTOOPT |
/// | `WSPSetSockOpt.efault-pointer` | `optval` is no memory | WSAEFAULT |
/// | `WSPSetSockOpt.efault-too-small` | `optlen` is too small | WSAEFAULT |
/// | `WSPSetSockOpt.einval-optval` | a negative buffer size | WSAEINVAL |
/// | `WSPSetSockOpt.so-dontroute-af-inet6-fails` | SO_DONTROUTE over IPv6 | WSAENOPROTOOPT |
/// | `SocketOptions.so-conditional-accept-listening` | SO_CONDITIONAL_ACCEPT while listening | WSAEINVAL |
/// | `SocketOptions.so-keepalive-transitional` | SO_KEEPALIVE while connecting | WSAEINVAL |
/// | decision `address-options` | both options on addresses | WSAEINVAL |
pub(crate) fn set(cx: &mut Cx<'_>, s: Socket, a: &WSPSetSockOpt) -> Answer<()> {
    let row = row(cx, s, a.level, a.optname, false)?;
    if !row.settable {
        return Err(Refusal::code(ErrorCode::WSAENOPROTOOPT, get_only(row.number)));
    }
    let word = word(a)?;
    let on = word != 0;
    let linger = Linger { on: word & 0xffff != 0, seconds: (word.cast_unsigned() >> 16) as u16 };
    let largest = cx.world.policy().limits.stream_buffer;
    let endpoint = cx.world.endpoint_mut(s.endpoint);
    let (family, role, options) = (endpoint.family, &endpoint.role, &mut endpoint.options);
    let both = || Err(Refusal::code(ErrorCode::WSAEINVAL, Decision::AddressOptions));
    // What is granted is at most what there is: decision buffer-sizes.
    let granted = || match u32::try_from(word) {
        Ok(size) => Ok(size.min(largest)),
        Err(_) => Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPSetSockOpt.einval-optval"))),
    };
    match (row.level, row.number) {
        (IPPROTO_TCP, TCP_NODELAY) => options.no_delay = on,
        (_, SO_BROADCAST) => options.broadcast = on,
        (_, SO_CONDITIONAL_ACCEPT) => {
            let listening = matches!(role, Role::Listening(_));
            rule!(!listening, WSAEINVAL, "SocketOptions.so-conditional-accept-listening");
            options.conditional_accept = on;
        }
        (_, SO_DEBUG) => options.debug = on,
        (_, SO_DONTLINGER) => options.linger.on = !on,
        (_, SO_DONTROUTE) => {
            rule!(family != AF_INET6, WSAENOPROTOOPT, "WSPSetSockOpt.so-dontroute-af-inet6-fails");
            options.dont_route = on;
        }
        (_, SO_EXCLUSIVEADDRUSE) if on && options.reuse_address => return both(),
        (_, SO_EXCLUSIVEADDRUSE) => options.exclusive_address = on,
        (_, SO_REUSEADDR) if on && options.exclusive_address => return both(),
        (_, SO_REUSEADDR) => options.reuse_address = on,
        (_, SO_KEEPALIVE) => {
            let transitional = matches!(role, Role::Connecting { .. });
            rule!(!transitional, WSAEINVAL, "SocketOptions.so-keepalive-transitional");
            options.keep_alive = on;
        }
        // The seconds of a linger that is switched off are kept: WSPSetSockOpt.dontlinger-off-restores-timeout.
        (_, SO_LINGER) if linger.on => options.linger = linger,
        (_, SO_LINGER) => options.linger.on = false,
        (_, SO_OOBINLINE) => options.oob_inline = on,
        (_, SO_RCVBUF) => options.receive_buffer = granted()?,
        (_, SO_SNDBUF) => options.send_buffer = granted()?,
        (_, SO_GROUP_PRIORITY) => {
            return Err(Refusal::code(ErrorCode::WSAENOPROTOOPT, Decision::ReservedOptions));
        }
        _ => return Err(Refusal::not_modelled(row.name)),
    }
    cx.hit(clause!("WSPSetSockOpt.set-then-get"));
    Ok(())
}

/// The clause that says that an option cannot be set.
fn get_only(number: i32) -> Basis {
    Basis::Clause(match number {
        SO_ACCEPTCONN => clause!("WSPSetSockOpt.get-only-so-acceptconn"),
        SO_ERROR => clause!("WSPSetSockOpt.get-only-so-error"),
        SO_TYPE => clause!("WSPSetSockOpt.get-only-so-type"),
        SO_MAX_MSG_SIZE => clause!("WSPSetSockOpt.get-only-so-max-msg-size"),
        SO_PROTOCOL_INFOW => clause!("WSPSetSockOpt.get-only-so-protocol-infow"),
        SO_GROUP_ID => clause!("WSPSetSockOpt.get-only-so-group-id"),
        _ => clause!("WSPSetSockOpt.enoprotoopt"),
    })
}

/// The first four bytes of a value: a number, or the two halves of a linger structure.
fn word(a: &WSPSetSockOpt) -> Answer<i32> {
    let fault = || Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPSetSockOpt.efault-pointer"));
    let half = |name: &str| {
        let number = a.optval.field(name).and_then(Value::number).unwrap_or(0);
        u16::try_from(number.clamp(0, i64::from(u16::MAX))).unwrap_or(u16::MAX)
    };
    let bytes: Vec<u8> = match &a.optval {
        Value::Number(n) => (*n as i32).to_le_bytes().to_vec(),
        Value::Time(ms) => (*ms as u32).to_le_bytes().to_vec(),
        Value::Record(_) => [half("onoff").to_le_bytes(), half("linger").to_le_bytes()].concat(),
        other => other.to_bytes().ok_or_else(fault)?.to_vec(),
    };
    let length = a.optlen.or(bytes.len());
    let word = bytes.first_chunk::<4>().filter(|_| length >= 4);
    let small = || Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPSetSockOpt.efault-too-small"));
    word.map(|word| i32::from_le_bytes(*word)).ok_or_else(small)
}
