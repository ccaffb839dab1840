//! A request and what follows it, act by act at its own time, for tests of clocks and of what
//! comes of them.

use super::FLOW;
use crate::act::{Act, Half};
use crate::clock::Timer;
use crate::flow::{Past, State};
use crate::terms::Terms;
use counterpart_record::id::Entry;
use counterpart_record::strict::json::parse_object;

/// Monday, 1 June 2026, noon in UTC.
pub const START: u64 = 1_780_315_200;
pub const HOUR: u64 = 3_600;
pub const DAY: u64 = 86_400;

/// A preservation of all that was asked for, from a time until another.
pub fn hold(from: u64, until: u64) -> String {
    format!(
        r#"{{"effected_at":{from},"holds_until":{until},"custodian_class":"platform",
            "secured":"all","final":true}}"#
    )
}

#[derive(Default)]
pub struct Case {
    pub asking: Vec<Act>,
    pub answering: Vec<Act>,
}

impl Case {
    pub fn asked(instrument: &str, measure: &str, urgency: &str, more: &str) -> Case {
        let body = format!(
            r#"{{"type":"new","measure":"{measure}","instrument":"{instrument}",
                "urgency":"{urgency}"{more}}}"#
        );
        let mut case = Case::default();
        case.say(Half::Asking, "request", &body, START, None);
        case
    }

    pub fn say(&mut self, half: Half, kind: &str, body: &str, at: u64, re: Option<Entry>) -> Entry {
        let number = (self.asking.len() + self.answering.len() + 1) as u8;
        let act = Act {
            entry: Entry([number; 32]),
            half,
            kind: kind.into(),
            body: parse_object(body.as_bytes()).unwrap(),
            re: re.into_iter().collect(),
            logged_at: at,
            held_at: Some(at + 60),
        };
        let entry = act.entry;
        if half == Half::Asking {
            self.asking.push(act)
        } else {
            self.answering.push(act)
        }
        entry
    }

    pub fn reply(&mut self, kind: &str, body: &str, at: u64) -> Entry {
        self.say(Half::Answering, kind, body, at, None)
    }

    pub fn state(&self, terms: &Terms, as_of: u64) -> State {
        let (asking, answering): (Vec<&Act>, Vec<&Act>) =
            (self.asking.iter().collect(), self.answering.iter().collect());
        FLOW.state(Past { asking: &asking, answering: &answering }, terms, as_of)
    }

    pub fn timer(&self, id: &str, as_of: u64) -> Option<Timer> {
        let state = self.state(Terms::usual(), as_of);
        state.timers.into_iter().find(|timer| timer.profile == id)
    }
}
