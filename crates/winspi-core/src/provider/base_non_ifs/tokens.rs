//! Tokens: what a duplicated socket of the non-IFS base is until its target asks for it.
//!
//! They are kept by the machine, not by a process: the source may end before the target begins. A token is made for one
//! process and dies with it.

use serde::{Deserialize, Serialize};

use crate::id::{EndpointId, Pid};

/// All tokens of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tokens {
    targets: Vec<Target>,
}

/// The tokens of one target process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Target {
    process: Pid,
    tokens: Vec<Token>,
}

/// One duplicate that waits for its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token {
    /// Its number, from 1, the lowest free one of the target.
    pub number: u32,
    /// Its number among all tokens ever made for the target.
    pub serial: u32,
    /// The socket.
    pub endpoint: EndpointId,
    /// The process that made it.
    pub creator: Pid,
}

impl Tokens {
    /// Makes a token for a process and gives its number.
    pub(crate) fn insert(&mut self, target: Pid, serial: u32, endpoint: EndpointId, creator: Pid) -> u32 {
        let place = match self.targets.binary_search_by_key(&target, |t| t.process) {
            Ok(place) => place,
            Err(place) => {
                self.targets.insert(place, Target { process: target, tokens: Vec::new() });
                place
            }
        };
        let tokens = &mut self.targets[place].tokens;
        let place = tokens.iter().enumerate().position(|(i, t)| t.number != i as u32 + 1).unwrap_or(tokens.len());
        let number = place as u32 + 1;
        tokens.insert(place, Token { number, serial, endpoint, creator });
        number
    }

    /// The token with this number and serial, if it is the process's.
    pub fn get(&self, target: Pid, number: u32, serial: u32) -> Option<&Token> {
        let target = self.targets.iter().find(|t| t.process == target)?;
        target.tokens.iter().find(|t| t.number == number && t.serial == serial)
    }

    /// Takes a token of a process away.
    pub(crate) fn take(&mut self, target: Pid, number: u32, serial: u32) -> Option<Token> {
        let place = self.targets.iter().position(|t| t.process == target)?;
        let tokens = &mut self.targets[place].tokens;
        let token = tokens.iter().position(|t| t.number == number && t.serial == serial)?;
        let taken = tokens.remove(token);
        if tokens.is_empty() {
            self.targets.remove(place);
        }
        Some(taken)
    }

    /// Takes all tokens of a process away and gives their sockets.
    pub(crate) fn forget_target(&mut self, target: Pid) -> Vec<EndpointId> {
        let gone: Vec<_> = self.targets.iter().filter(|t| t.process == target).cloned().collect();
        self.targets.retain(|t| t.process != target);
        gone.iter().flat_map(|t| t.tokens.iter().map(|token| token.endpoint)).collect()
    }

    /// What stored tokens would have to be and are not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let targets = self.targets.is_sorted_by(|a, b| a.process < b.process);
        let numbers = self.targets.iter().all(|target| {
            let from_one = target.tokens.first().is_some_and(|token| token.number > 0);
            from_one && target.tokens.is_sorted_by(|a, b| a.number < b.number)
        });
        (!targets || !numbers).then_some("tokens in the order of targets and numbers, at least one for each target")
    }

    /// All tokens, by target and number.
    pub fn iter(&self) -> impl Iterator<Item = (Pid, &Token)> {
        self.targets.iter().flat_map(|t| t.tokens.iter().map(|token| (t.process, token)))
    }
}
