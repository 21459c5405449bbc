//! What a file or a case needs, compared with an arrangement.

use winspi_core::policy::Policy;

use crate::arrangement::Arrangement;
use crate::script::Script;
use crate::syntax::tree::NeedKind;

/// What an arrangement lacks of what a file needs, as in `needs ifs`; what its cases need besides is not looked at.
pub fn lacking(script: &Script, arrangement: &Arrangement) -> Option<String> {
    lacking_of(&script.needs, arrangement)
}

/// The first need that an arrangement does not meet.
pub(super) fn lacking_of(needs: &[NeedKind], arrangement: &Arrangement) -> Option<String> {
    needs.iter().find_map(|need| lacks(need, arrangement))
}

/// What an arrangement lacks of one need. A socket comes from the topmost provider.
fn lacks(need: &NeedKind, arrangement: &Arrangement) -> Option<String> {
    let ifs = arrangement.layers.last().copied().unwrap_or(arrangement.ifs);
    let (holds, needs) = match need {
        NeedKind::Ifs => (ifs, "ifs".to_owned()),
        NeedKind::NonIfs => (!ifs, "non-ifs".to_owned()),
        NeedKind::BaseIfs => (arrangement.ifs, "base ifs".to_owned()),
        NeedKind::BaseNonIfs => (!arrangement.ifs, "base non-ifs".to_owned()),
        NeedKind::Layered => (!arrangement.layers.is_empty(), "layered".to_owned()),
        NeedKind::Decision { name, value } => {
            let chosen = arrangement.policy().chosen(&name.text) == Some(value.as_str());
            (chosen, format!("decision {name}={value}"))
        }
        NeedKind::Profile(profile) => {
            let policy = Policy::profile(&profile.text).ok();
            (policy == Some(arrangement.policy()), format!("profile {profile}"))
        }
    };
    (!holds).then(|| format!("needs {needs}"))
}
