//! Figures: what both sides did for each other, counted so that both come to the same digits.

use super::{Step, apart, names_of, number, optional, peer, ring, text};
use counterpart_engine::Node;
use counterpart_engine::figures::{Cut, Period, Shown};
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::{PartyId, hex};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::clock::{self, Year};
use counterpart_rules::measure::{ByHand, Counted, Published, Side, Yearly, csv, report, svg};
use counterpart_rules::say::Lang;

/// Whose figures, at which cut, of which period.
struct Asked {
    peer: PartyId,
    ring: Ring,
    cut: Cut,
    period: Period,
}

/// `from`, `to`, `as_of` in seconds (UTC); the period ends at `as_of`, which is now by itself.
fn asked(node: &Node, args: &Object) -> Result<Asked> {
    let (peer, ring) = (peer(node, args)?, ring(args));
    let now = node.now(ring);
    let as_of = number(args, "as_of", now)?;
    if as_of > now {
        return Err(Code::ArgumentWrong.at("as_of: lies ahead"));
    }
    let period = Period { from: number(args, "from", 0)?, to: number(args, "to", as_of + 1)? };
    if period.from >= period.to || period.to > clock::LAST {
        return Err(Code::ArgumentWrong.at("from, to: not a period"));
    }
    Ok(Asked { peer, ring, cut: Cut::AsOf(as_of), period })
}

/// The figures of a channel: as they are, or `as` a table (`csv`), a drawing (`svg`) or what may be
/// published (`published`). With `peers`, those of several channels together.
pub fn figures(node: &mut Node, args: &Object) -> Result<Step> {
    if args.get("peers").is_some() {
        return side(node, args);
    }
    let Asked { peer, ring, cut, period } = asked(node, args)?;
    let shown = node.figures(&peer, ring, cut, period)?;
    let lang = Lang::from_tag(optional(args, "lang").unwrap_or("en"));
    let done =
        |name: &str, value: Value| Ok(Step::Done(Object::default().with(name, value).into()));
    match optional(args, "as") {
        None => {}
        Some("csv") => return done("text", csv(&shown.figures).into()),
        Some("svg") => {
            let parties = shown.figures.frame.parties;
            let names = parties.map(|party| node.name_of(&party, lang.tag()));
            return done("text", svg(&shown.figures, &names, lang).into());
        }
        Some("published") => {
            let table = Published::of(&shown.figures).to_value(&shown.figures);
            return done("published", table);
        }
        Some(_) => return Err(Code::ArgumentWrong.at("as: csv, svg or published")),
    }
    let mut out = told(&shown);
    for (name, party) in [("own", node.party()), ("peer", peer)] {
        let mut names = Object::default();
        for lang in Lang::ALL {
            names.set(lang.tag(), node.name_of(&party, lang.tag()));
        }
        out.set(&format!("{name}_names"), names);
    }
    out.set("own", node.party().to_string());
    Ok(Step::Done(out.into()))
}

/// The figures, their digest, and what stands beside them.
fn told(shown: &Shown) -> Object {
    let undelivered = shown.undelivered.iter().map(|(matter, since)| {
        Value::from(Object::default().with("matter", matter.to_string()).with("since", *since))
    });
    Object::default()
        .with("figures", shown.figures.to_value())
        .with("digest", hex(&shown.figures.digest()))
        .with("settled", shown.settled)
        .with("undelivered", Value::Array(undelivered.collect()))
        .with("unknown", shown.unknown)
}

/// States our figures to the peer, in a matter of its own; with `year` those of a calendar year.
pub fn agree(node: &mut Node, args: &Object) -> Result<Step> {
    let args = match args.get("year") {
        Some(_) => whole_year(node, args)?,
        None => args.clone(),
    };
    let Asked { peer, ring, cut, period } = asked(node, &args)?;
    let draft = node.state_figures(&peer, ring, cut, period)?;
    Ok(Step::draft(draft))
}

/// The period of a year that is over, at a cut that has all of it: stated sooner, they would be
/// those of a part and meet no duty. CLK-25
fn whole_year(node: &Node, args: &Object) -> Result<Object> {
    let number = number(args, "year", 0)?;
    let year = u16::try_from(number).ok().and_then(Year::numbered);
    let year = year.ok_or_else(|| Code::ArgumentWrong.at("year: not one"))?;
    let now = node.now(ring(args));
    if now < year.to || super::number(args, "as_of", now)? + 1 < year.to {
        let what = format!("year: {number} is not over at this time; for a part, from and to");
        return Err(Code::ArgumentWrong.at(what));
    }
    Ok(args.clone().with("from", year.from).with("to", year.to))
}

/// Goes on in a matter in which figures are compared: our own digest, then what differs.
pub fn answer(node: &mut Node, args: &Object) -> Result<Step> {
    let matter = node.matter_id(text(args, "matter")?)?;
    match node.answer_figures(&matter)? {
        Some(draft) => Ok(Step::draft(draft)),
        None => Ok(Step::Done(Object::default().with("matter", matter.to_string()).into())),
    }
}

/// Figures with several peers together.
fn side(node: &mut Node, args: &Object) -> Result<Step> {
    let named = args.get("peers").and_then(Value::as_array).unwrap_or_default();
    let (me, mut members, mut all) = (node.party(), Vec::new(), Vec::new());
    let mut frame = None;
    for name in named.iter().filter_map(Value::as_str) {
        let Asked { peer, ring, cut, period } = asked(node, &args.clone().with("peer", name))?;
        if members.contains(&peer) {
            return Err(Code::ArgumentWrong.at(format!("{name}: twice")));
        }
        let named = node.name_of(&peer, "en");
        let shown = node.figures(&peer, ring, cut, period);
        let shown = shown.map_err(|fault| fault.within(&named))?;
        let ours = usize::from(peer < me);
        all.extend(
            shown.counted.into_iter().map(|one| Counted { by: usize::from(one.by != ours), ..one }),
        );
        members.push(peer);
        frame.get_or_insert((ring, shown.figures.frame.as_of, period));
    }
    let (ring, as_of, period) = frame.ok_or_else(|| Code::ArgumentWrong.at("peers: missing"))?;
    let times = (as_of, period.from, period.to);
    let side = Side::of(me, members.clone(), ring.is_drill(), times, &all);
    let mut spoken = Object::default();
    for lang in Lang::ALL {
        let each: Vec<String> = members.iter().map(|peer| node.name_of(peer, lang.tag())).collect();
        spoken.set(lang.tag(), each.join(", "));
    }
    let out = Object::default()
        .with("figures", side.to_value())
        .with("peer_names", spoken)
        .with("own", me.to_string());
    Ok(Step::Done(out.into()))
}

/// What was asked and answered by hand, with every correspondent or with the one that is named: our
/// own count, which is in no other figure. COR-8.
pub fn by_hand(node: &mut Node, args: &Object) -> Result<Step> {
    let ring = ring(args);
    let as_of = node.now(ring);
    let (from, to) = (number(args, "from", 0)?, number(args, "to", as_of + 1)?);
    if from >= to || to > clock::LAST {
        return Err(Code::ArgumentWrong.at("from, to: not a period"));
    }
    let mut observed = node.by_hand(ring)?;
    if let Some(wanted) = optional(args, "peer") {
        let only = apart::found(node, wanted)?;
        observed.retain(|id, _| *id == only);
    }
    let figures = ByHand::of(node.party(), ring.is_drill(), (as_of, from, to), &observed);
    let mut value = figures.to_value();
    if let Value::Object(out) = &mut value {
        let named = figures.each.keys().zip(list(out, "correspondents")).map(|(id, one)| {
            let one = one.as_object().cloned().unwrap_or_default();
            Value::from(one.with("names", names_of(node, id)))
        });
        let named = Value::Array(named.collect());
        out.set("correspondents", named);
    }
    Ok(Step::Done(value))
}

/// A list of an object; none is empty.
fn list(of: &Object, name: &str) -> Vec<Value> {
    of.get(name).and_then(Value::as_array).unwrap_or_default().to_vec()
}

/// The statistics of a year under Directive (EU) 2023/977, Article 18, with every peer; with
/// `drill` those of exercises, which say so.
pub fn year(node: &mut Node, args: &Object) -> Result<Step> {
    let year = number(args, "year", 0)?;
    let ends = [year, year + 1].map(|year| clock::instant(&format!("{year:04}-01-01T00:00:00Z")));
    let [Some(from), Some(to)] = ends else { return Err(Code::ArgumentWrong.at("year")) };
    let (me, asked) = (node.party(), ring(args));
    let now = node.now(asked);
    let mut others = Vec::new();
    let channels = node.channels().into_iter().filter(|(_, ring)| *ring == asked);
    for (peer, ring) in channels.collect::<Vec<_>>() {
        let yearly = match node.figures(&peer, ring, Cut::AsOf(now), Period { from, to }) {
            Ok(shown) => Yearly::of(&shown.counted, usize::from(peer < me), from, to),
            // With a peer with whom nothing is shared yet there is nothing to report.
            Err(fault) if fault.code == Code::CutNotShared => Yearly::default(),
            Err(fault) => return Err(fault),
        };
        others.push((peer, yearly));
    }
    Ok(Step::Done(report(year as i64, &me, asked.is_drill(), &others)))
}
