//! The catalog of transport providers: entries in order, protocol chains, and which provider stands behind each.
//!
//! A base provider has one entry per protocol. A layer has one entry for itself, which cannot be used alone, and one
//! protocol chain for each entry that it stands over; chains come first, so that programs find them first. A chain has
//! a provider id of its own.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{
    AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
    WSPDESCRIPTION_LEN,
};
use winspi_types::{
    ChainKind, ErrorCode, Field, FieldError, FieldValue, Guid, ProtocolChain, ProtocolInfo, ProviderFlags,
    RawProtocolInfoW, ServiceFlags1, Version,
};

use crate::clause;
use crate::id::{PartyId, ProviderId};
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::signature::Function;
use crate::transport::Service;
use crate::transport::service::{EXPERIMENT_1, EXPERIMENT_2, is_circuit};

/// The catalog of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
    providers: Vec<Provider>,
    next_id: u32,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CatalogEntry {
    /// Its catalog entry id.
    pub id: u32,
    /// Its protocol info: 628 bytes.
    pub info: Arc<RawProtocolInfoW>,
    /// The provider behind it.
    pub provider: ProviderId,
}

/// A provider: what one DLL would be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Provider {
    /// The name that people gave it.
    pub name: String,
    /// Its identity.
    pub guid: Guid,
    /// The path of its DLL as installed.
    pub path: String,
    /// What it is.
    pub kind: ProviderKind,
    /// The provider that it stands over.
    pub over: Option<ProviderId>,
    /// The entry of a layer for itself: its place in chains.
    pub own_entry: Option<u32>,
    /// The functions beyond the necessary that an IFS layer takes part in.
    pub hooks: Vec<Function>,
    /// The duties that it breaks on purpose.
    pub breaks: Vec<Fault>,
    /// The lowest and the highest version that it supports.
    pub versions: (Version, Version),
    /// szDescription of its WSPDATA.
    pub description: String,
}

/// What a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProviderKind {
    /// A base provider whose descriptors are system handles.
    BaseIfs,
    /// A base provider whose descriptors come from WPUCreateSocketHandle.
    BaseNonIfs,
    /// A layer that gives out the handles of the provider below.
    LayerIfs,
    /// A layer with handles of its own.
    LayerNonIfs,
    /// A provider outside the world.
    Outside {
        /// Who it is.
        party: PartyId,
        /// Whether its descriptors are system handles.
        ifs: bool,
    },
}

impl ProviderKind {
    /// Whether descriptors of the provider are system handles.
    pub fn is_ifs(self) -> bool {
        match self {
            ProviderKind::BaseIfs | ProviderKind::LayerIfs => true,
            ProviderKind::BaseNonIfs | ProviderKind::LayerNonIfs => false,
            ProviderKind::Outside { ifs, .. } => ifs,
        }
    }
}

/// A duty that a layer breaks on purpose, to show that the verifier sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// It returns a descriptor without registering it.
    UnregisteredHandle,
    /// It gives a closed handle back while operations on it are pending.
    UncompletedOperation,
    /// It gives a procedure table in which an entry is missing.
    IncompleteTable,
}

impl Fault {
    /// All faults.
    pub const ALL: [Fault; 3] = [Fault::UnregisteredHandle, Fault::UncompletedOperation, Fault::IncompleteTable];

    /// The name, as `breaks NAME` has it.
    pub fn name(self) -> &'static str {
        match self {
            Fault::UnregisteredHandle => "unregistered-handle",
            Fault::UncompletedOperation => "uncompleted-operation",
            Fault::IncompleteTable => "incomplete-table",
        }
    }
}

/// Why a layer cannot be installed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// Nothing of this name to stand over.
    #[error("nothing called `{0}` is there to stand over")]
    Unknown(String),
    /// The name is taken.
    #[error("a provider called `{0}` is there already")]
    Taken(String),
    /// An IFS layer relabels handles, and with that a non-IFS provider below would lose its context.
    #[error(
        "an IFS layer cannot stand over `{0}`, which is no IFS provider: its WPUModifyIFSHandle would take the place \
         of the handle's context (decision ifs-over-non-ifs)"
    )]
    IfsOverNonIfs(String),
    /// More than seven in a chain.
    #[error("a protocol chain has at most 7 members")]
    TooLong,
    /// Something of it cannot be as it is asked for.
    #[error(transparent)]
    Member(#[from] MemberError),
}

/// Why something of a provider cannot be as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// No such member, or no such value of it.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Ws2_32 gives it to an entry.
    #[error("`{0}` is given by Ws2_32, nobody else sets it")]
    Given(&'static str),
    /// More text than WSPDATA has room for.
    #[error("a description has at most {WSPDESCRIPTION_LEN} UTF-16 units, not {0}")]
    DescriptionTooLong(usize),
    /// Characters that the page of WSPDATA forbids.
    #[error("a description has no control or formatting characters (WSPDATA.szdescription-characters)")]
    DescriptionNotPlain,
}

/// Characters that format text and are no control characters: marks of direction, joiners, separators of lines.
const FORMATTING: [char; 12] = [
    '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}',
    '\u{202d}', '\u{202e}', '\u{feff}',
];

impl Catalog {
    /// The id of the first entry.
    const FIRST_ID: u32 = 1001;
    /// The id of the first entry of a simulated protocol: they take none of the others.
    const FIRST_SIMULATED: u32 = 901;

    /// A catalog with one base provider for TCP and UDP over IPv4 and IPv6, for raw sockets over IPv4, and for the
    /// simulated protocols (decision `simulated-protocols`).
    pub fn with_base(kind: ProviderKind) -> Catalog {
        let guid = Guid::from_u128(0xe70f_1aa0_ab8b_11cf_8ca3_0080_5f48_a192);
        let mut catalog = Catalog { entries: Vec::new(), providers: Vec::new(), next_id: Catalog::FIRST_ID };
        catalog.providers.push(Provider {
            name: "base".to_owned(),
            guid,
            path: "%SystemRoot%\\system32\\mswsock.dll".to_owned(),
            kind,
            over: None,
            own_entry: None,
            hooks: Vec::new(),
            breaks: Vec::new(),
            versions: (Version::V1_0, Version::V2_2),
            description: "winspi base provider".to_owned(),
        });
        let protocols = [
            ("TCP/IP", AF_INET, SOCK_STREAM, IPPROTO_TCP),
            ("UDP/IP", AF_INET, SOCK_DGRAM, IPPROTO_UDP),
            ("TCP/IPv6", AF_INET6, SOCK_STREAM, IPPROTO_TCP),
            ("UDP/IPv6", AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
            ("RAW/IP", AF_INET, SOCK_RAW, IPPROTO_IP),
        ];
        for (name, family, socket_type, protocol) in protocols {
            let info = base_info(kind, guid, name, family, socket_type, protocol);
            catalog.add(info, ProviderId(0), false);
        }
        for (name, socket_type, protocol) in SIMULATED {
            let info = base_info(kind, guid, name, AF_INET, socket_type, protocol);
            catalog.add_simulated(info, ProviderId(0), false);
        }
        catalog
    }

    fn add(&mut self, info: ProtocolInfo, provider: ProviderId, first: bool) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.put(id, info, provider, first)
    }

    /// Adds an entry that has to do with a simulated protocol: the ids of all others are as if it were not there.
    fn add_simulated(&mut self, info: ProtocolInfo, provider: ProviderId, first: bool) -> u32 {
        let used = self.entries.iter().map(|e| e.id).filter(|id| *id < Catalog::FIRST_ID);
        match used.max().map_or(Catalog::FIRST_SIMULATED, |id| id + 1) {
            id if id < Catalog::FIRST_ID => self.put(id, info, provider, first),
            _ => self.add(info, provider, first),
        }
    }

    fn put(&mut self, id: u32, mut info: ProtocolInfo, provider: ProviderId, first: bool) -> u32 {
        info.catalog_entry_id = id;
        let raw = RawProtocolInfoW::try_from(&info).unwrap_or(RawProtocolInfoW([0; 628]));
        let entry = CatalogEntry { id, info: Arc::new(raw), provider };
        if first {
            self.entries.insert(0, entry);
        } else {
            self.entries.push(entry);
        }
        id
    }

    /// Installs a layer over a base protocol (`tcp`, `udp`), over a base provider (`base`), or over another layer.
    pub fn add_layer(
        &mut self,
        name: &str,
        kind: ProviderKind,
        over: &str,
        hooks: Vec<Function>,
        breaks: Vec<Fault>,
    ) -> Result<ProviderId, LayerError> {
        if self.providers.iter().any(|p| p.name == name) || ["tcp", "udp"].contains(&name) {
            return Err(LayerError::Taken(name.to_owned()));
        }
        let below: Vec<CatalogEntry> = self.entries_called(over);
        let Some(lower) = below.first().map(|e| e.provider) else {
            return Err(LayerError::Unknown(over.to_owned()));
        };
        if kind.is_ifs() && !self.provider(lower).kind.is_ifs() {
            return Err(LayerError::IfsOverNonIfs(over.to_owned()));
        }
        let id = ProviderId(u16::try_from(self.providers.len()).map_err(|_| LayerError::TooLong)?);
        let number = u128::from(id.0);
        let guid = Guid::from_u128(0x7769_6e73_7069_4c61_7965_7200_0000_0000 + number);
        self.providers.push(Provider {
            name: name.to_owned(),
            guid,
            path: format!("%SystemRoot%\\system32\\{name}.dll"),
            kind,
            over: Some(lower),
            own_entry: None,
            hooks,
            breaks,
            versions: (Version::V2_2, Version::V2_2),
            description: format!("winspi layer {name}").chars().take(WSPDESCRIPTION_LEN).collect(),
        });
        let own_guid = Guid::from_u128(0x7769_6e73_7069_456e_7472_7900_0000_0000 + number);
        let mut own = below[0].info.to_typed();
        own.provider_id = own_guid;
        own.provider_flags = ProviderFlags::PFL_HIDDEN;
        own.protocol_chain = ProtocolChain::layered();
        own.protocol_name = name.to_owned();
        let own_entry = self.add(own, id, false);
        self.providers[usize::from(id.0)].own_entry = Some(own_entry);
        for entry in below.iter().rev() {
            let mut members = vec![own_entry];
            match entry.info.protocol_chain().kind() {
                ChainKind::Chain(_) => members.extend_from_slice(entry.info.protocol_chain().members()),
                _ => members.push(entry.id),
            }
            let mut info = entry.info.to_typed();
            info.provider_id = guid;
            info.protocol_chain = ProtocolChain::chain(&members).map_err(|_| LayerError::TooLong)?;
            info.service_flags1.set(ServiceFlags1::XP1_IFS_HANDLES, kind.is_ifs());
            info.protocol_name = format!("{name} over [{}]", entry.info.protocol_name());
            if is_simulated(&entry.info) {
                self.add_simulated(info, id, true);
            } else {
                self.add(info, id, true);
            }
        }
        Ok(id)
    }

    /// The entries that `over NAME` means.
    fn entries_called(&self, name: &str) -> Vec<CatalogEntry> {
        let triple = match name {
            "tcp" => Some((SOCK_STREAM, IPPROTO_TCP)),
            "udp" => Some((SOCK_DGRAM, IPPROTO_UDP)),
            _ => None,
        };
        let usable = self.entries.iter().filter(|e| e.info.protocol_chain().kind() != ChainKind::Layered);
        let mut found: Vec<CatalogEntry> = usable
            .filter(|e| match triple {
                Some(t) => {
                    (e.info.socket_type(), e.info.protocol()) == t && e.info.protocol_chain().kind() == ChainKind::Base
                }
                None => self.provider(e.provider).name == name,
            })
            .cloned()
            .collect();
        found.sort_by_key(|e| (e.info.address_family(), is_simulated(&e.info), e.id));
        found
    }

    /// All entries in order.
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// All providers.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider of an id that this catalog gave.
    pub fn provider(&self, id: ProviderId) -> &Provider {
        self.providers.get(usize::from(id.0)).unwrap_or(&self.providers[0])
    }

    /// Whether a provider is the other one or stands over it.
    pub(crate) fn leads_to(&self, from: ProviderId, to: ProviderId) -> bool {
        let over = |id: &ProviderId| self.provider(*id).over.filter(|below| below < id);
        std::iter::successors(Some(from), over).any(|id| id == to)
    }

    /// The provider with this identity.
    pub fn provider_by_guid(&self, guid: Guid) -> Option<&Provider> {
        let entry = self.entries.iter().find(|e| e.info.provider_id() == guid);
        entry.map(|e| self.provider(e.provider))
    }

    /// The provider of this name.
    pub fn provider_named(&self, name: &str) -> Option<ProviderId> {
        let place = self.providers.iter().position(|p| p.name == name)?;
        u16::try_from(place).ok().map(ProviderId)
    }

    /// The entry with this id.
    pub fn entry(&self, id: u32) -> Option<&CatalogEntry> {
        self.entries.iter().find(|e| e.id == id)
    }

    /// The provider behind an entry.
    pub fn provider_of(&self, id: u32) -> Option<ProviderId> {
        self.entry(id).map(|e| e.provider)
    }

    /// The first entry of a base provider: whom a number that nobody knows is given to.
    pub fn base_entry(&self) -> &CatalogEntry {
        let base = self.entries.iter().find(|e| e.info.protocol_chain().kind() == ChainKind::Base);
        base.unwrap_or(&self.entries[0])
    }

    /// The entry for a triple: the first that matches; 0 is a wildcard for family and type, for the protocol only
    /// where the entry says so.
    pub fn choose(&self, family: i32, socket_type: i32, protocol: i32) -> Answer<&CatalogEntry> {
        let usable = || self.entries.iter().filter(|e| e.info.protocol_chain().kind() != ChainKind::Layered);
        let family_fits = |e: &&CatalogEntry| family == 0 || e.info.address_family() == family;
        let type_fits = |e: &&CatalogEntry| socket_type == 0 || e.info.socket_type() == socket_type;
        let protocol_fits = |e: &&CatalogEntry| match protocol {
            0 => e.info.provider_flags().contains(ProviderFlags::PFL_MATCHES_PROTOCOL_ZERO),
            p => (e.info.protocol()..=e.info.protocol().saturating_add(e.info.protocol_max_offset())).contains(&p),
        };
        if let Some(entry) = usable().filter(family_fits).filter(type_fits).find(protocol_fits) {
            return Ok(entry);
        }
        // Which code when several members do not fit is left open by the page: decision provider-choice.
        let code = if !usable().any(|e| family_fits(&e)) {
            return Err(Refusal::code(ErrorCode::WSAEAFNOSUPPORT, clause!("WSPSocket.error-eafnosupport")));
        } else if !usable().filter(family_fits).any(|e| type_fits(&e)) {
            return Err(Refusal::code(ErrorCode::WSAESOCKTNOSUPPORT, clause!("WSPSocket.error-esocktnosupport")));
        } else if usable().filter(family_fits).any(|e| e.info.socket_type() != SOCK_RAW && protocol_fits(&e)) {
            (ErrorCode::WSAEPROTOTYPE, clause!("WSPSocket.error-eprototype"))
        } else {
            (ErrorCode::WSAEPROTONOSUPPORT, clause!("WSPSocket.error-eprotonosupport"))
        };
        Err(Refusal::code(code.0, code.1))
    }

    /// The first entry of an IFS provider for a triple; a chain comes before what it stands over.
    pub fn ifs_entry_for(&self, (family, socket_type, protocol): (i32, i32, i32)) -> Option<&CatalogEntry> {
        self.entries.iter().find(|e| {
            e.info.protocol_chain().kind() != ChainKind::Layered
                && self.provider(e.provider).kind.is_ifs()
                && (e.info.address_family(), e.info.socket_type(), e.info.protocol()) == (family, socket_type, protocol)
        })
    }

    /// The entry that an info names. An info without the name at its end is incomplete: decision `incomplete-info`.
    pub fn entry_of(&self, info: &RawProtocolInfoW) -> Answer<&CatalogEntry> {
        self.entry(info.catalog_entry_id())
            .filter(|e| e.info.provider_id() == info.provider_id())
            .filter(|e| e.info.protocol_name().is_empty() || !info.protocol_name().is_empty())
            .filter(|e| e.info.protocol_chain().kind() != ChainKind::Layered)
            .ok_or_else(|| Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPDuplicateSocket.invalid-info-error")))
    }

    /// The chain of a layer that ends in this base entry.
    pub fn chain_over(&self, provider: ProviderId, base: u32) -> Option<&CatalogEntry> {
        self.entries.iter().find(|e| {
            e.provider == provider
                && matches!(e.info.protocol_chain().kind(), ChainKind::Chain(_))
                && e.info.protocol_chain().members().last() == Some(&base)
        })
    }

    /// Changes what a provider breaks or is, for tests that need a party outside in a place of the catalog.
    pub fn set_kind(&mut self, provider: ProviderId, kind: ProviderKind) {
        if let Some(p) = self.providers.get_mut(usize::from(provider.0)) {
            p.kind = kind;
        }
    }

    /// Changes the versions that a provider supports, before it is first started.
    pub fn set_versions(&mut self, provider: ProviderId, lowest: Version, highest: Version) {
        if let Some(p) = self.providers.get_mut(usize::from(provider.0)) {
            p.versions = (lowest, highest);
        }
    }

    /// Changes the description that a provider gives of itself, before it is first started.
    ///
    /// # Errors
    ///
    /// Where WSPDATA has no room for it, or it has control or formatting characters, which the page forbids.
    pub fn set_description(&mut self, provider: ProviderId, description: &str) -> Result<(), MemberError> {
        let units = description.encode_utf16().count();
        if units > WSPDESCRIPTION_LEN {
            return Err(MemberError::DescriptionTooLong(units));
        }
        if description.chars().any(|c| c.is_control() || FORMATTING.contains(&c)) {
            return Err(MemberError::DescriptionNotPlain);
        }
        if let Some(p) = self.providers.get_mut(usize::from(provider.0)) {
            description.clone_into(&mut p.description);
        }
        Ok(())
    }

    /// Changes a member of the protocol infos of a layer's chains, as its installation would have set it.
    ///
    /// XP1_IFS_HANDLES stays what the layer is. What Ws2_32 gives an entry cannot be set.
    ///
    /// # Errors
    ///
    /// Where there is no such member, it does not take the value, or Ws2_32 gives it.
    pub fn set_member(&mut self, provider: ProviderId, name: &str, value: &FieldValue) -> Result<(), MemberError> {
        let field = Field::named(name)?;
        if field.name == "catalog_entry_id" || field.name.starts_with("protocol_chain") {
            return Err(MemberError::Given(field.name));
        }
        let kind = self.provider(provider).kind;
        for entry in self.entries.iter_mut().filter(|e| e.provider == provider) {
            if entry.info.protocol_chain().kind() == ChainKind::Layered {
                continue;
            }
            let info = Arc::make_mut(&mut entry.info);
            info.set(field.name, value)?;
            let mut typed = info.to_typed();
            typed.service_flags1.set(ServiceFlags1::XP1_IFS_HANDLES, kind.is_ifs());
            *info = RawProtocolInfoW::try_from(&typed).unwrap_or_else(|_| info.clone());
        }
        if let ("provider_id", FieldValue::Guid(guid), Some(p)) =
            (field.name, value, self.providers.get_mut(usize::from(provider.0)))
        {
            p.guid = *guid;
        }
        Ok(())
    }

    /// What an unknown catalog entry id gives: the page leaves it open.
    pub(crate) fn entry_or_refuse(&self, id: u32) -> Answer<&CatalogEntry> {
        self.entry(id).ok_or_else(|| Refusal::code(ErrorCode::WSAEINVAL, Decision::UnknownCatalogEntry))
    }
}

/// The simulated protocols: name, type, number.
const SIMULATED: [(&str, i32, i32); 5] = [
    ("SEQ/IP", SOCK_SEQPACKET, EXPERIMENT_1),
    ("SEQ/IP whole messages", SOCK_SEQPACKET, EXPERIMENT_2),
    ("SEQ/IP pseudo-stream", SOCK_STREAM, EXPERIMENT_1),
    ("UDP/IP send only", SOCK_DGRAM, EXPERIMENT_1),
    ("UDP/IP receive only", SOCK_DGRAM, EXPERIMENT_2),
];

/// Whether an entry has to do with a simulated protocol.
fn is_simulated(info: &RawProtocolInfoW) -> bool {
    SIMULATED
        .iter()
        .any(|(_, socket_type, protocol)| (info.socket_type(), info.protocol()) == (*socket_type, *protocol))
}

fn base_info(kind: ProviderKind, guid: Guid, name: &str, family: i32, socket_type: i32, protocol: i32) -> ProtocolInfo {
    let service = Service::of(socket_type, protocol);
    let mut flags = service.flags(socket_type);
    flags.set(ServiceFlags1::XP1_IFS_HANDLES, kind.is_ifs());
    let stream = is_circuit(socket_type) && !service.messages;
    let simulated = [EXPERIMENT_1, EXPERIMENT_2].contains(&protocol);
    let mut provider_flags = ProviderFlags::empty();
    // Protocol 0 never means a simulated one, unless no other has the type.
    let first_of_type = socket_type == SOCK_SEQPACKET && protocol == EXPERIMENT_1;
    provider_flags.set(ProviderFlags::PFL_MATCHES_PROTOCOL_ZERO, !simulated || first_of_type);
    // A raw socket takes any protocol of IP, and is not listed among what programs choose from.
    provider_flags.set(ProviderFlags::PFL_HIDDEN, socket_type == SOCK_RAW);
    let protocol_max_offset = if socket_type == SOCK_RAW { 255 } else { 0 };
    let size = if family == AF_INET { 16 } else { 28 };
    ProtocolInfo {
        service_flags1: flags,
        provider_flags,
        provider_id: guid,
        protocol_chain: ProtocolChain::base(),
        version: 2,
        address_family: family,
        max_sock_addr: size,
        min_sock_addr: size,
        socket_type,
        protocol,
        protocol_max_offset,
        message_size: if stream { 0 } else { 65_467 },
        protocol_name: format!("winspi [{name}]"),
        ..ProtocolInfo::default()
    }
}
