//! What a stored catalog has to be: entries and providers that lead to each other, and layers that stand over what was
//! there before them. Calls go down from layer to layer; a circle would have no end.

use std::collections::BTreeSet;

use winspi_types::ChainKind;

use super::{Damage, expect};
use crate::id::ProviderId;
use crate::ws2_32::catalog::{Catalog, CatalogEntry, Provider, ProviderKind};

pub(super) fn check(catalog: &Catalog) -> Result<(), Damage> {
    expect(!catalog.providers().is_empty(), || "catalog".into(), "a provider")?;
    expect(!catalog.entries().is_empty(), || "catalog".into(), "an entry")?;
    let mut ids = BTreeSet::new();
    for entry in catalog.entries() {
        expect(ids.insert(entry.id), || place_of_entry(entry), "an id that no other has")?;
        let known = usize::from(entry.provider.0) < catalog.providers().len();
        expect(known, || place_of_entry(entry), "a provider of the catalog")?;
        expect(entry.info.catalog_entry_id() == entry.id, || place_of_entry(entry), "its own id in its info")?;
    }
    let places = (0..=u16::MAX).map(ProviderId);
    for (id, provider) in places.zip(catalog.providers()) {
        check_provider(catalog, id, provider)?;
    }
    expect(catalog.providers().len() <= usize::from(u16::MAX), || "catalog".into(), "fewer providers")
}

fn place_of_entry(entry: &CatalogEntry) -> String {
    format!("catalog entry {}", entry.id)
}

fn check_provider(catalog: &Catalog, id: ProviderId, provider: &Provider) -> Result<(), Damage> {
    let place = || format!("provider `{}` of the catalog", provider.name);
    if let Some(over) = provider.over {
        expect(over < id, place, "to stand over a provider that was there before it")?;
        let ifs = provider.kind.is_ifs() && !catalog.provider(over).kind.is_ifs();
        expect(!ifs, place, "to be no IFS layer over a provider that is none")?;
    }
    match provider.kind {
        ProviderKind::LayerIfs | ProviderKind::LayerNonIfs => {
            expect(provider.over.is_some(), place, "a provider that the layer stands over")?;
            let own = provider.own_entry.and_then(|own| catalog.entry(own));
            let own = own.filter(|e| e.provider == id && e.info.protocol_chain().kind() == ChainKind::Layered);
            expect(own.is_some(), place, "an entry of the layer for itself")
        }
        ProviderKind::BaseIfs | ProviderKind::BaseNonIfs => {
            expect(provider.over.is_none(), place, "a base provider to stand over nothing")
        }
        ProviderKind::Outside { .. } => Ok(()),
    }
}
