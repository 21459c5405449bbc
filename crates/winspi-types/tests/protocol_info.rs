//! Protocol infos: from bytes to values and back, fields by name, refusals.

use proptest::collection::vec;
use proptest::prelude::*;
use winspi_types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
use winspi_types::{
    ChainKind, FIELDS, FieldError, FieldKind, FieldValue, Guid, InfoError, ProtocolChain, ProtocolInfo, ProviderFlags,
    RawProtocolInfoA, RawProtocolInfoW, ServiceFlags1,
};

/// An entry like the one that Windows has for TCP.
fn tcp() -> ProtocolInfo {
    ProtocolInfo {
        service_flags1: ServiceFlags1::from_bits_retain(0x0002_0066),
        provider_flags: ProviderFlags::PFL_MATCHES_PROTOCOL_ZERO,
        provider_id: "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}".parse().expect("a GUID"),
        catalog_entry_id: 1001,
        protocol_chain: ProtocolChain::base(),
        version: 2,
        address_family: AF_INET,
        max_sock_addr: 16,
        min_sock_addr: 16,
        socket_type: SOCK_STREAM,
        protocol: IPPROTO_TCP,
        provider_reserved: 0x7fc,
        protocol_name: "TCP/IP".to_owned(),
        ..ProtocolInfo::default()
    }
}

fn raw_tcp() -> RawProtocolInfoW {
    RawProtocolInfoW::try_from(&tcp()).expect("the name fits")
}

#[test]
fn bytes_stand_at_their_places() {
    let bytes = tcp().to_bytes_w().expect("the name fits");
    for (at, expected) in [
        (0, &b"\x66\x00\x02\x00"[..]),
        (16, b"\x08\0\0\0"),
        (20, b"\xa0\x1a\x0f\xe7\x8b\xab"),
        (36, b"\xe9\x03\0\0"),
        (40, b"\x01\0\0\0\0\0\0\0"),
        (76, b"\x02\0\0\0\x10\0\0\0\x10\0\0\0\x01\0\0\0\x06\0\0\0"),
        (112, b"\xfc\x07\0\0"),
        (116, b"T\0C\0P\0/\0I\0P\0\0\0"),
    ] {
        assert_eq!(&bytes[at..at + expected.len()], expected, "at {at}");
    }
    assert_eq!(ProtocolInfo::from_bytes_w(&bytes), Ok(tcp()));
    let narrow = tcp().to_bytes_a().expect("the name fits");
    assert_eq!(narrow[..116], bytes[..116]);
    assert_eq!(narrow[116..124], *b"TCP/IP\0\0");
    assert_eq!(ProtocolInfo::from_bytes_a(&narrow), Ok(tcp()));
}

#[test]
fn other_lengths_are_refused() {
    for len in [0, 300, 371, 372, 373, 627, 628, 629] {
        let bytes = vec![0; len];
        let wide = ProtocolInfo::from_bytes_w(&bytes);
        let narrow = ProtocolInfo::from_bytes_a(&bytes);
        let refused = |needed| InfoError::Length { len, needed };
        assert_eq!(wide.err(), (len != 628).then(|| refused(628)));
        assert_eq!(narrow.err(), (len != 372).then(|| refused(372)));
    }
}

#[test]
fn names_that_do_not_fit_are_refused() {
    for (name, wide, narrow) in [
        ("x".repeat(255), None, None),
        ("é".repeat(255), None, None),
        ("x".repeat(256), Some(InfoError::NameTooLong { units: 256 }), Some(InfoError::NameTooLong { units: 256 })),
        ("😀".repeat(127), None, None),
        ("😀".repeat(128), Some(InfoError::NameTooLong { units: 256 }), None),
        ("a\0".to_owned(), Some(InfoError::NameHasNul), Some(InfoError::NameHasNul)),
    ] {
        let info = ProtocolInfo { protocol_name: name, ..tcp() };
        assert_eq!(info.to_bytes_w().err(), wide);
        assert_eq!(info.to_bytes_a().err(), narrow);
    }
}

#[test]
fn nonsense_is_kept_and_can_be_read() {
    let mut raw = RawProtocolInfoW([0xff; 628]);
    assert_eq!(raw.protocol_chain().kind(), ChainKind::Invalid(-1));
    assert_eq!(raw.protocol_chain().members(), [0u32; 0]);
    assert_eq!(raw.protocol_name(), "\u{ffff}".repeat(255));
    assert_eq!(raw.service_flags1().bits(), u32::MAX);
    assert_eq!(raw.address_family(), -1);
    raw.0[116..118].copy_from_slice(&[0x00, 0xd8]);
    raw.0[118..120].copy_from_slice(&[0, 0]);
    assert_eq!(raw.protocol_name(), "\u{fffd}", "unpaired surrogate");
    assert!(raw.has_protocol_name());
}

#[test]
fn narrow_and_wide_turn_into_each_other() {
    let mut wide = raw_tcp();
    wide.set_protocol_name("é→😀").expect("fits");
    let narrow = wide.to_a();
    assert_eq!(narrow.as_bytes()[116..120], [0xe9, b'?', b'?', 0]);
    assert_eq!(narrow.to_w().protocol_name(), "é??");
    assert_eq!(narrow.to_w().as_bytes()[..116], wide.as_bytes()[..116]);
    assert_eq!(raw_tcp().to_a().to_w(), raw_tcp());
}

#[test]
fn fields_are_set_by_either_name_and_alone() {
    for (name, value, at, bytes) in [
        ("provider_reserved", FieldValue::Number(0), 112, vec![0; 4]),
        ("dwProviderReserved", FieldValue::Number(-1), 112, vec![0xff; 4]),
        ("iAddressFamily", FieldValue::Number(0xffff_fffe), 76, vec![0xfe, 0xff, 0xff, 0xff]),
        ("protocol_chain.chain_entries[6]", FieldValue::Number(7), 68, vec![7, 0, 0, 0]),
        ("ProtocolChain.ChainLen", FieldValue::Number(-5), 40, vec![0xfb, 0xff, 0xff, 0xff]),
        ("provider_id", FieldValue::Guid(Guid::ZERO), 20, vec![0; 16]),
        ("szProtocol", FieldValue::Text("U".to_owned()), 116, [b"U".to_vec(), vec![0; 511]].concat()),
    ] {
        let mut changed = raw_tcp();
        changed.set(name, &value).expect(name);
        let mut expected = raw_tcp();
        expected.0[at..at + bytes.len()].copy_from_slice(&bytes);
        assert_eq!(changed.as_bytes(), expected.as_bytes(), "{name}");
    }
    let mut raw = raw_tcp();
    raw.set("address_family", &FieldValue::Number(0xffff_ffff)).expect("32 bits");
    assert_eq!(raw.get("iAddressFamily"), Ok(FieldValue::Number(-1)));
}

#[test]
fn fields_refuse_and_then_nothing_has_changed() {
    let text = |t: &str| FieldValue::Text(t.to_owned());
    let wrong = |name: &str, given: &str| FieldError::WrongKind { name: name.to_owned(), given: given.to_owned() };
    for (name, value, error) in [
        ("provider_reservd", FieldValue::Number(0), FieldError::Unknown { name: "provider_reservd".to_owned() }),
        ("protocol", text("tcp"), wrong("protocol", "text")),
        ("szProtocol", FieldValue::Number(1), wrong("protocol_name", "number")),
        ("version", FieldValue::Guid(Guid::ZERO), wrong("version", "GUID")),
        (
            "message_size",
            FieldValue::Number(1 << 32),
            FieldError::OutOfRange { name: "message_size".to_owned(), value: 1 << 32 },
        ),
        (
            "protocol",
            FieldValue::Number(i64::from(i32::MIN) - 1),
            FieldError::OutOfRange { name: "protocol".to_owned(), value: i64::from(i32::MIN) - 1 },
        ),
        ("protocol_name", text(&"x".repeat(256)), FieldError::Name(InfoError::NameTooLong { units: 256 })),
        ("protocol_name", text("\0"), FieldError::Name(InfoError::NameHasNul)),
    ] {
        let mut raw = raw_tcp();
        assert_eq!(raw.set(name, &value), Err(error));
        assert_eq!(raw, raw_tcp());
    }
}

#[test]
fn display_decodes_every_field() {
    let text = raw_tcp().to_string();
    assert_eq!(text.lines().count(), FIELDS.len());
    for line in [
        "service_flags1 = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | \
         XP1_EXPEDITED_DATA | XP1_IFS_HANDLES",
        "service_flags2 = 0",
        "provider_flags = PFL_MATCHES_PROTOCOL_ZERO",
        "provider_id = {E70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
        "catalog_entry_id = 1001",
        "protocol_chain.chain_len = 1",
        "address_family = 2 (AF_INET)",
        "socket_type = 1 (SOCK_STREAM)",
        "protocol = 6 (IPPROTO_TCP)",
        "provider_reserved = 2044",
        "protocol_name = \"TCP/IP\"",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\nin\n{text}");
    }
    assert_eq!(
        format!("{:?}", raw_tcp()),
        "RawProtocolInfoW { catalog_entry_id: 1001, chain_len: 1, provider_reserved: 2044, \
         protocol_name: \"TCP/IP\", .. }"
    );
}

#[test]
fn stored_form_refuses_what_is_no_info() {
    for bad in [
        "\"\"".to_owned(),
        "\"00\"".to_owned(),
        format!("\"{}\"", "0".repeat(1255)),
        format!("\"{}\"", "g".repeat(1256)),
        format!("\"{}\"", "0".repeat(1258)),
        "null".to_owned(),
        "17".to_owned(),
    ] {
        assert!(serde_json::from_str::<RawProtocolInfoW>(&bad).is_err(), "{bad}");
    }
}

/// Bytes with zeros in the name often enough for short names.
fn bytes(size: usize) -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![vec(any::<u8>(), size - 116), vec(prop_oneof![Just(0u8), any::<u8>()], size - 116),];
    (vec(any::<u8>(), 116), name).prop_map(|(head, name)| [head, name].concat())
}

fn infos(name: &'static str) -> impl Strategy<Value = ProtocolInfo> {
    (any::<[u32; 12]>(), any::<[i32; 9]>(), any::<[u32; 7]>(), any::<u128>(), name).prop_map(
        |(d, i, chain_entries, guid, protocol_name)| ProtocolInfo {
            service_flags1: ServiceFlags1::from_bits_retain(d[0]),
            service_flags2: d[1],
            service_flags3: d[2],
            service_flags4: d[3],
            provider_flags: ProviderFlags::from_bits_retain(d[4]),
            provider_id: Guid::from_u128(guid),
            catalog_entry_id: d[5],
            protocol_chain: ProtocolChain { chain_len: d[6] as i32, chain_entries },
            version: i[0],
            address_family: i[1],
            max_sock_addr: i[2],
            min_sock_addr: i[3],
            socket_type: i[4],
            protocol: i[5],
            protocol_max_offset: i[6],
            network_byte_order: i[7],
            security_scheme: i[8],
            message_size: d[7],
            provider_reserved: d[8],
            protocol_name,
        },
    )
}

proptest! {
    #[test]
    fn any_628_bytes_survive_the_raw_form(bytes in bytes(628)) {
        let raw = RawProtocolInfoW::from_slice(&bytes).expect("628 bytes");
        prop_assert_eq!(raw.as_bytes(), &bytes[..]);
        let json = serde_json::to_string(&raw).expect("stores");
        prop_assert_eq!(json.len(), 2 + 2 * 628);
        prop_assert_eq!(serde_json::from_str::<RawProtocolInfoW>(&json).ok(), Some(raw.clone()));
        let (short, long) = (format!("{raw:?}"), raw.to_string());
        prop_assert!(short.len() < long.len());
    }

    #[test]
    fn any_372_bytes_survive_the_raw_form(bytes in bytes(372)) {
        let raw = RawProtocolInfoA::from_slice(&bytes).expect("372 bytes");
        prop_assert_eq!(raw.as_bytes(), &bytes[..]);
        let json = serde_json::to_string(&raw).expect("stores");
        prop_assert_eq!(serde_json::from_str::<RawProtocolInfoA>(&json).ok(), Some(raw));
    }

    #[test]
    fn any_628_bytes_become_a_value_that_keeps_all_but_the_name(bytes in bytes(628)) {
        let info = ProtocolInfo::from_bytes_w(&bytes).expect("628 bytes");
        let again = info.to_bytes_w().expect("a name that was read fits");
        prop_assert_eq!(&again[..116], &bytes[..116]);
        prop_assert_eq!(ProtocolInfo::from_bytes_w(&again), Ok(info));
    }

    #[test]
    fn any_372_bytes_become_a_value_that_keeps_all_up_to_the_nul(bytes in bytes(372)) {
        let info = ProtocolInfo::from_bytes_a(&bytes).expect("372 bytes");
        let again = info.to_bytes_a().expect("a name that was read fits");
        let end = 116 + info.protocol_name.chars().count();
        prop_assert_eq!(&again[..end], &bytes[..end]);
        prop_assert_eq!(ProtocolInfo::from_bytes_a(&again), Ok(info));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        prop_assert!(ProtocolInfo::from_bytes_w(&bytes).is_err() || bytes.len() == 628);
        prop_assert!(ProtocolInfo::from_bytes_a(&bytes).is_err() || bytes.len() == 372);
    }

    #[test]
    fn values_survive_the_wide_form(info in infos("[^\0]{0,127}")) {
        let bytes = info.to_bytes_w().expect("the name fits");
        prop_assert_eq!(ProtocolInfo::from_bytes_w(&bytes), Ok(info.clone()));
        let json = serde_json::to_string(&info).expect("stores");
        prop_assert_eq!(serde_json::from_str::<ProtocolInfo>(&json).ok(), Some(info));
    }

    #[test]
    fn values_with_latin_names_survive_the_narrow_form(info in infos("[\u{1}-\u{ff}]{0,255}")) {
        let bytes = info.to_bytes_a().expect("the name fits");
        prop_assert_eq!(ProtocolInfo::from_bytes_a(&bytes), Ok(info.clone()));
        let wide = RawProtocolInfoW::try_from(&info).expect("the name fits");
        let narrow = wide.to_a();
        prop_assert_eq!(narrow.as_bytes(), &bytes[..]);
        prop_assert_eq!(narrow.to_w(), wide);
    }

    #[test]
    fn every_field_reads_what_was_set(bytes in bytes(628), index in 0..FIELDS.len(), number: u32, guid: u128) {
        let field = &FIELDS[index];
        let value = match field.kind {
            FieldKind::U32 => FieldValue::Number(number.into()),
            FieldKind::I32 => FieldValue::Number((number as i32).into()),
            FieldKind::Guid => FieldValue::Guid(Guid::from_u128(guid)),
            FieldKind::Name => FieldValue::Text(number.to_string()),
        };
        let before = RawProtocolInfoW::from_slice(&bytes).expect("628 bytes");
        let mut after = before.clone();
        after.set(field.name, &value).expect("of the field's kind");
        prop_assert_eq!(after.get(field.c_name), Ok(value));
        let end = field.offset + field.size_w;
        prop_assert_eq!(&after.0[..field.offset], &before.0[..field.offset]);
        prop_assert_eq!(&after.0[end..], &before.0[end..]);
    }
}
