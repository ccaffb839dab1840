//! A fault as JSON, for whoever is at the other end of a socket.

use counterpart_record::fault::{Code, Fault};
use counterpart_record::strict::json::Object;

/// `{"code": "urn:counterpart:fault:...", "at": "..."}`.
pub fn object(fault: &Fault) -> Object {
    Object::default().with("code", fault.code.urn()).with("at", fault.at.as_str())
}

/// Reads [`object`]; `at` may be missing. None if the code is not in the closed list.
pub fn read(object: &Object) -> Option<Fault> {
    let urn = object.get("code")?.as_str()?;
    let code = Code::ALL.iter().find(|code| code.urn() == urn)?;
    let at = object.get("at").and_then(|at| at.as_str()).unwrap_or_default();
    Some(code.at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_goes_both_ways() {
        for code in Code::ALL {
            let fault = code.at("line 3: \"x\"");
            assert_eq!(read(&object(&fault)).unwrap(), fault);
        }
    }

    #[test]
    fn codes_outside_the_list_are_not_guessed() {
        for urn in ["busy", "urn:counterpart:fault:", "urn:counterpart:fault:Busy", ""] {
            assert_eq!(read(&Object::default().with("code", urn)), None, "{urn}");
        }
        assert_eq!(read(&Object::default().with("code", 7_i64)), None);
        assert_eq!(read(&Object::default()), None);
    }
}
