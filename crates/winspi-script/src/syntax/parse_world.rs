//! The rule `World` of the grammar: what is done to the world from outside.

use super::parser::{Parsed, Parser};
use super::tree::{BusAction, BusMessage, Link, World};

const A_PROCESS: &str = "a process";
const A_SOCKET: &str = "the name of a socket";

impl Parser<'_> {
    /// `World <- 'kill' NAME / 'advance' TIME / 'step' Who ('to' NAME)? / ...`, if it is there.
    pub(super) fn world(&mut self) -> Parsed<Option<World>> {
        let word = self.word_here();
        Ok(Some(match word {
            "kill" => {
                self.want(word)?;
                World::Kill(self.name(A_PROCESS)?)
            }
            "advance" => {
                self.want(word)?;
                World::Advance(self.time("a time such as `500ms` or `2s`")?)
            }
            "step" => {
                self.want(word)?;
                if !self.at_name() {
                    self.advise("`step 1 \"...\"`, which marks what follows, stands outside of blocks and cases");
                }
                let who = self.who()?;
                World::Step { who, to: if self.eat("to") { Some(self.name("a function")?) } else { None } }
            }
            "hold" => {
                self.want(word)?;
                World::Hold(self.link()?)
            }
            "release" => {
                self.want(word)?;
                World::Release(self.link()?)
            }
            "deliver" | "lose" | "duplicate" | "damage" => {
                self.want(word)?;
                self.by_hand(word)?
            }
            "fault" => {
                self.want(word)?;
                let name = self.name("a kind of fault")?;
                World::Fault { name, arguments: if self.at("(") { Some(self.arguments()?) } else { None } }
            }
            "clear" => {
                self.want(word)?;
                self.want("faults")?;
                World::ClearFaults
            }
            _ => return Ok(None),
        }))
    }

    /// `('network' / 'bus')`
    fn link(&mut self) -> Parsed<Link> {
        if self.eat("network") {
            return Ok(Link::Network);
        }
        self.hint("`network`");
        self.want("bus")?;
        Ok(Link::Bus)
    }

    /// `('deliver' / 'lose' / 'duplicate') Bus / 'damage' Bus 'byte' NUMBER / ('deliver' / 'lose') NAME '.' NAME`, without
    /// the first word.
    fn by_hand(&mut self, word: &str) -> Parsed<World> {
        if matches!(word, "deliver" | "lose") && !self.at("bus") {
            self.hint("`bus`");
            let process = self.name(A_PROCESS)?;
            self.want(".")?;
            let socket = self.name(A_SOCKET)?;
            return Ok(if word == "deliver" {
                World::Deliver { process, socket }
            } else {
                World::Lose { process, socket }
            });
        }
        let message = self.bus()?;
        let action = match word {
            "deliver" => BusAction::Deliver,
            "lose" => BusAction::Lose,
            "duplicate" => BusAction::Duplicate,
            _ => {
                self.want("byte")?;
                BusAction::Damage(self.number("a number")?)
            }
        };
        Ok(World::Bus { action, message })
    }

    /// `Bus <- 'bus' NAME '->' NAME ('message' NUMBER)?`
    fn bus(&mut self) -> Parsed<BusMessage> {
        self.want("bus")?;
        let from = self.name(A_PROCESS)?;
        self.want("->")?;
        let to = self.name(A_PROCESS)?;
        let number = if self.eat("message") {
            Some(self.number("a number")?)
        } else {
            self.hint("`message`");
            None
        };
        Ok(BusMessage { from, to, number })
    }
}
