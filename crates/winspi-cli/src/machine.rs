//! The options that say on what a scenario runs.

use clap::{Args, ValueEnum};
use winspi_core::Grain;
use winspi_core::policy::Policy;
use winspi_script::arrangement::ArrangementError;
use winspi_script::{Arrangement, Script};

use crate::input::{BadInput, Scenario};

/// On what a scenario runs.
#[derive(Args, Debug)]
#[command(next_help_heading = "The machine")]
pub(crate) struct Machine {
    /// What the base provider gives out: handles of the system, or handles of its own
    #[arg(long, value_enum, default_value_t = Kind::Ifs, value_name = "KIND")]
    provider: Kind,
    /// Layers over TCP, the lowest first, separated by commas: `--layers ifs,non-ifs`
    ///
    /// They stand below the layers that the scenario declares itself. An IFS layer needs an IFS provider below it.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    layers: Vec<Kind>,
    /// How far one transition of a thread goes
    #[arg(long, value_enum, default_value_t = Step::Call, value_name = "GRAIN")]
    grain: Step,
    /// Let WPUModifyIFSHandle give back another handle than the one that a provider proposes
    #[arg(long)]
    modify_handles: bool,
    /// Choose as a system does where the documents leave a choice: documented, windows, wine, reactos
    #[arg(long, value_name = "NAME", default_value = "documented", value_parser = Policy::profile)]
    profile: Policy,
    /// Choose a value of a decision of docs/decisions.md: `--decide close-unread=reset`; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = decision)]
    decide: Vec<(String, String)>,
    /// Let Ws2_32 adopt sockets that came by inheritance or DuplicateHandle
    #[arg(long)]
    adopt_handles: bool,
}

/// A kind of provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Its sockets are handles of the system: installable file system handles
    Ifs,
    /// Its sockets are numbers of its own, for which Ws2_32 makes handles
    NonIfs,
}

/// How far one transition of a thread goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Until the call comes back or waits
    Call,
    /// Until something that others can see has changed
    Boundary,
    /// To the next request between program, Ws2_32, layers and provider
    Request,
}

/// Reads `NAME=VALUE`, and refuses what the table of decisions does not have.
pub(crate) fn decision(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, as in close-unread=reset")?;
    Policy::default().decide(name, value).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Machine {
    /// The profile, with what was decided otherwise.
    fn policy(&self) -> Policy {
        let mut policy = self.profile.clone();
        for (name, value) in &self.decide {
            // Checked when the option was read.
            let _ = policy.decide(name, value);
        }
        policy
    }

    /// The options as one writes them, those left out that are the usual ones.
    pub(crate) fn written(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        let name = |kind: &Kind| if *kind == Kind::Ifs { "ifs" } else { "non-ifs" };
        if self.provider != Kind::Ifs {
            words.push(format!("--provider {}", name(&self.provider)));
        }
        if !self.layers.is_empty() {
            words.push(format!("--layers {}", self.layers.iter().map(name).collect::<Vec<_>>().join(",")));
        }
        match self.grain {
            Step::Call => {}
            Step::Boundary => words.push("--grain boundary".to_owned()),
            Step::Request => words.push("--grain request".to_owned()),
        }
        if self.modify_handles {
            words.push("--modify-handles".to_owned());
        }
        let profile = Policy::profiles().find(|name| Policy::profile(name).is_ok_and(|p| p == self.profile));
        if let Some(profile) = profile.filter(|name| *name != "documented") {
            words.push(format!("--profile {profile}"));
        }
        words.extend(self.decide.iter().map(|(name, value)| format!("--decide {name}={value}")));
        if self.adopt_handles {
            words.push("--adopt-handles".to_owned());
        }
        words.join(" ")
    }

    /// The arrangement that the options ask for, if there can be one.
    pub(crate) fn checked(&self) -> Result<Arrangement, BadInput> {
        let arrangement = self.arrangement();
        match arrangement.catalog(&Script::default()) {
            Ok(_) => Ok(arrangement),
            Err(error) => Err(layers_cannot_stand(&error)),
        }
    }

    /// The arrangement that the options ask for.
    pub(crate) fn arrangement(&self) -> Arrangement {
        Arrangement {
            ifs: self.provider == Kind::Ifs,
            layers: self.layers.iter().map(|kind| *kind == Kind::Ifs).collect(),
            grain: match self.grain {
                Step::Call => Grain::Call,
                Step::Boundary => Grain::Boundary,
                Step::Request => Grain::Request,
            },
            modify_handles: self.modify_handles,
            policy: self.policy(),
            adopt_handles: self.adopt_handles,
        }
    }
}

/// What to say where layers cannot stand on each other.
pub(crate) fn layers_cannot_stand(error: &ArrangementError) -> BadInput {
    BadInput::option(format!("error: the option '--layers <LIST>' cannot be met: {}\n", error.error))
}

/// What to say where a scenario cannot run on an arrangement.
pub(crate) fn cannot_stand(error: &ArrangementError, scenario: &Scenario) -> BadInput {
    match error.span {
        Some(span) => scenario.wrong_at(span, error.error.to_string()),
        None => layers_cannot_stand(error),
    }
}
