//! The provider catalog in the fields and the manner of `netsh winsock show catalog`, and as JSON.

use serde_json::{Value as Json, json};
use winspi_core::ws2_32::catalog::{Catalog, CatalogEntry};
use winspi_types::{ChainKind, ProviderFlags};

use crate::Look;
use crate::text::{Paint, pad, visible};

/// Where the values stand, as netsh has it.
const COLUMN: usize = 36;
/// The line below the heading of an entry.
const LINE: &str = "------------------------------------------------------";

/// All entries, in the order in which programs find them.
pub fn render(catalog: &Catalog, look: Look) -> String {
    let mut out = String::new();
    for entry in catalog.entries() {
        let heading = Paint::Strong.on("Winsock Catalog Provider Entry", look.colour);
        out.push_str(&format!("{heading}\n{}\n", Paint::Faint.on(LINE, look.colour)));
        for (name, value) in fields(catalog, entry) {
            out.push_str(&format!("{}{}\n", pad(&format!("{name}:"), COLUMN), visible(&value)));
        }
        out.push('\n');
    }
    // A line between two entries, none behind the last.
    out.pop();
    out
}

fn fields(catalog: &Catalog, entry: &CatalogEntry) -> Vec<(&'static str, String)> {
    let info = &entry.info;
    let chain = info.protocol_chain();
    let mut fields = vec![
        ("Entry Type", entry_type(chain.kind()).to_owned()),
        ("Description", info.protocol_name()),
        ("Provider ID", info.provider_id().to_string()),
        ("Provider Path", catalog.provider(entry.provider).path.clone()),
        ("Catalog Entry ID", entry.id.to_string()),
        ("Version", info.version().to_string()),
        ("Address Family", info.address_family().to_string()),
        ("Max Address Length", info.max_sock_addr().to_string()),
        ("Min Address Length", info.min_sock_addr().to_string()),
        ("Socket Type", info.socket_type().to_string()),
        ("Protocol", info.protocol().to_string()),
        ("Service Flags", format!("0x{:x}", info.service_flags1().bits())),
        ("Protocol Chain Length", chain.chain_len.to_string()),
    ];
    if matches!(chain.kind(), ChainKind::Chain(_)) {
        let members: Vec<String> = chain.members().iter().map(u32::to_string).collect();
        fields.push(("Protocol Chain", members.join(" : ")));
    }
    fields
}

fn entry_type(kind: ChainKind) -> &'static str {
    match kind {
        ChainKind::Base => "Base Service Provider",
        ChainKind::Layered => "Layered Service Provider",
        _ => "Layered Chain Entry",
    }
}

/// The same for programs, with what netsh does not show: the provider, the names of the flags, what is hidden.
pub fn render_json(catalog: &Catalog) -> String {
    let entries: Vec<Json> = catalog.entries().iter().map(|entry| object(catalog, entry)).collect();
    format!("{:#}\n", json!({"entries": entries}))
}

fn object(catalog: &Catalog, entry: &CatalogEntry) -> Json {
    let info = &entry.info;
    let (provider, chain) = (catalog.provider(entry.provider), info.protocol_chain());
    json!({
        "entry_type": entry_type(chain.kind()),
        "description": info.protocol_name(),
        "provider": provider.name,
        "provider_id": info.provider_id().to_string(),
        "provider_path": provider.path,
        "catalog_entry_id": entry.id,
        "version": info.version(),
        "address_family": info.address_family(),
        "max_address_length": info.max_sock_addr(),
        "min_address_length": info.min_sock_addr(),
        "socket_type": info.socket_type(),
        "protocol": info.protocol(),
        "service_flags": info.service_flags1().bits(),
        "service_flag_names": info.service_flags1().iter_names().map(|(name, _)| name).collect::<Vec<_>>(),
        "hidden": info.provider_flags().contains(ProviderFlags::PFL_HIDDEN),
        "protocol_chain_length": chain.chain_len,
        "protocol_chain": if matches!(chain.kind(), ChainKind::Chain(_)) { chain.members() } else { &[] },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use winspi_core::ws2_32::catalog::ProviderKind;

    fn layered() -> Catalog {
        let mut catalog = Catalog::with_base(ProviderKind::BaseIfs);
        catalog.add_layer("filter", ProviderKind::LayerIfs, "tcp", Vec::new(), Vec::new()).expect("it can stand");
        catalog
    }

    #[test]
    fn an_entry_looks_as_netsh_prints_it() {
        let expected = "\
Winsock Catalog Provider Entry
------------------------------------------------------
Entry Type:                         Base Service Provider
Description:                        winspi [TCP/IP]
Provider ID:                        {E70F1AA0-AB8B-11CF-8CA3-00805F48A192}
Provider Path:                      %SystemRoot%\\system32\\mswsock.dll
Catalog Entry ID:                   1001
Version:                            2
Address Family:                     2
Max Address Length:                 16
Min Address Length:                 16
Socket Type:                        1
Protocol:                           6
Service Flags:                      0x20066
Protocol Chain Length:              1

Winsock Catalog Provider Entry
";
        let report = render(&Catalog::with_base(ProviderKind::BaseIfs), Look::PLAIN);
        assert!(report.starts_with(expected), "{report}");
    }

    #[test]
    fn a_layer_has_an_entry_of_its_own_and_chains_that_come_first() {
        let report = render(&layered(), Look::PLAIN);
        let entries: Vec<&str> = report.split("\n\n").collect();
        assert_eq!(entries.len(), 13, "ten protocols, a chain for each family, the layer itself: {report}");
        assert!(
            entries[0]
                .contains("Layered Chain Entry\nDescription:                        filter over [winspi [TCP/IP]]")
        );
        assert!(
            entries[0]
                .ends_with("Protocol Chain Length:              2\nProtocol Chain:                     1006 : 1001")
        );
        assert!(
            entries[12].contains("Layered Service Provider\n") && entries[12].ends_with("Length:              0\n")
        );
    }

    #[test]
    fn the_same_for_programs() {
        let all: Json = serde_json::from_str(&render_json(&layered())).expect("it is JSON");
        let first = &all["entries"][0];
        assert_eq!((&first["provider"], &first["protocol_chain"]), (&json!("filter"), &json!([1006, 1001])));
        assert!(first["service_flag_names"].as_array().is_some_and(|names| names.contains(&json!("XP1_IFS_HANDLES"))));
        assert_eq!(all["entries"][12]["hidden"], true);
    }
}
