//! `act`: every act of every flow, checked against its form before it is a draft; `form`, which
//! tells what an act of a kind asks for; and `request.check`, which says all that a request lacks.

use super::{Step, optional, partner, ring, text};
use counterpart_engine::view::{ActView, MatterView};
use counterpart_engine::{Draft, Node, Target};
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::strict::json::{Object, Value};
use counterpart_rules::act::Half;
use counterpart_rules::apart::by_hand;
use counterpart_rules::flow::{self, Flow, Post, Setting, flow, flows, opened_by, usual};
use counterpart_rules::form::{
    self, Checked, Field, FieldFault, Kind, Need, Prompt, Sort, Wrong, as_fault, prompts,
};
use counterpart_rules::ground;
use counterpart_rules::instrument::Cite;
use counterpart_rules::say::{self, Lang, Say, render};
use counterpart_rules::terms::{STREAMS, Terms};
use std::borrow::Cow;

/// The field in which a request names the draft of it that was shown.
const CONSULTED: &str = "consulted";

/// What somebody wants to say, before it is checked.
pub struct Wish<'a> {
    /// The flow.
    pub flow: &'static Flow,
    /// The kind of act.
    pub kind: &'static Kind,
    /// New matter or an open one.
    pub target: Target,
    /// To whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// The matter, if it is open.
    view: Option<MatterView>,
    fields: Cow<'a, Object>,
    /// The language of plain strings.
    pub lang: &'a str,
    /// Whether its author means it, whatever it lacks and however it sounds.
    as_it_is: bool,
}

/// What is wrong with a form.
#[derive(Default)]
pub struct Unsound {
    /// By its table: nobody can sign it.
    pub wrong: Vec<FieldFault>,
    /// What cannot be meant, unless its author says so. ASK-11
    pub doubted: Vec<FieldFault>,
}

impl Unsound {
    /// All of it.
    pub fn into_all(self) -> Vec<FieldFault> {
        self.wrong.into_iter().chain(self.doubted).collect()
    }

    /// As one fault; `lacks` is told with it.
    pub fn fault(self, lacks: Vec<FieldFault>) -> Fault {
        let doubted = self.wrong.is_empty();
        let all: Vec<FieldFault> = self.into_all().into_iter().chain(lacks).collect();
        let fault = as_fault(&all);
        if doubted { Fault { code: Code::Doubtful, ..fault } } else { fault }
    }
}

impl Wish<'_> {
    /// Of the arguments of an operation.
    pub fn of<'a>(node: &Node, args: &'a Object) -> Result<Wish<'a>> {
        let name = text(args, "kind")?;
        let before = optional(args, "from").map(|digits| node.matter(&node.matter_id(digits)?));
        let before = before.transpose()?;
        let mut within = None;
        let (flow, target, peer, ring) = match optional(args, "matter") {
            Some(digits) => {
                let id = node.matter_id(digits)?;
                let view = node.matter(&id)?;
                let flow = view.flow.ok_or_else(|| Code::NotPermitted.at("unknown flow"))?;
                let place = (flow, Target::Matter(id), view.peer, view.ring);
                within = Some(view);
                place
            }
            None => {
                let (flow, peer, ring) = (named(args, name)?, partner(node, args)?, ring(args));
                let about = about(node, flow, args, (&peer, ring), before.as_ref());
                let stream = stream(node, flow, (&peer, ring), (optional(args, "stream"), about))?;
                (flow, Target::New { stream }, peer, ring)
            }
        };
        let kind = kind(flow, name)?;
        let given = args.get("fields").and_then(Value::as_object);
        let mut fields = given.map_or_else(Cow::default, |given| expand(node, kind, given));
        // Files are sealed here; roots and keys are not typed.
        if let Some((name, _)) = fields.0.iter().find(|(name, _)| kind.is_attachment(name)) {
            let wrong = Wrong::Type("attachments");
            return Err(as_fault(&[FieldFault { field: name.clone(), wrong }]));
        }
        if let Some(view) = &before {
            let mut before = told_before(view, kind, (&peer, ring));
            fields.0.iter().for_each(|(name, value)| before.set(name, value.clone()));
            fields = Cow::Owned(before);
        }
        match only_checked(args) && args.get("files").is_some() {
            true => super::attachment::stand_in(args, kind, fields.to_mut())?,
            false => super::attachment::put(node, args, kind, fields.to_mut())?,
        }
        take_up(kind, &mut fields);
        let lang = optional(args, "lang").unwrap_or("en");
        let as_it_is = args.get("as_it_is").and_then(Value::as_bool) == Some(true);
        Ok(Wish { flow, kind, target, peer, ring, view: within, fields, lang, as_it_is })
    }

    /// That the rules take an act of this kind by this half now: said before its form is looked at,
    /// so that nobody writes one that cannot be signed whatever it says. What it answers may decide
    /// more, and is judged with it. [`Code::NotPermitted`], and [`Code::OneSided`] for what takes
    /// two.
    pub fn permitted(&self, node: &Node, half: Option<Half>) -> Result<()> {
        if node.correspondent(&self.peer).is_some() && !by_hand(self.flow) {
            return Err(Code::OneSided.at(node.name_of(&self.peer, self.lang)));
        }
        let Some((view, half)) = self.view.as_ref().zip(half) else { return Ok(()) };
        match node.barred(view, half, self.kind)? {
            Some(reason) => Err(Code::NotPermitted.at(format!("{}: {reason}", self.kind.name))),
            None => Ok(()),
        }
    }

    /// Our half of the matter, where it is open and nothing is named that is answered.
    pub fn own_half(&self, args: &Object) -> Option<Half> {
        self.view.as_ref().filter(|_| args.get("re").is_none()).map(|view| view.half)
    }

    /// By its form.
    pub fn checked(&self) -> std::result::Result<Checked, Vec<FieldFault>> {
        form::check_in(self.kind, &self.fields, Some(self.lang))
    }

    /// By its form and by sense at the time of the act, in seconds (UTC): everything that is wrong
    /// at once. What is meant as it is, is not doubted, but in a call, which is corrected. ASK-11
    pub fn sound(&self, node: &Node, now: u64) -> std::result::Result<Checked, Unsound> {
        let checked = self.checked();
        let meant = self.as_it_is && !self.flow.is_live();
        let doubts = if meant { Vec::new() } else { self.doubts(node, now) };
        if doubts.is_empty() {
            return checked.map_err(|wrong| Unsound { wrong, ..Unsound::default() });
        }
        let mut wrong = checked.err().unwrap_or_default();
        if self.flow.is_live() {
            // Nothing of a call has to be said as it is.
            wrong.extend(doubts);
            return Err(Unsound { wrong, ..Unsound::default() });
        }
        // What the table says of a field comes first.
        let known = |doubt: &FieldFault| wrong.iter().any(|fault| fault.field == doubt.field);
        let doubted = doubts.into_iter().filter(|doubt| !known(doubt)).collect();
        Err(Unsound { wrong, doubted })
    }

    fn doubts(&self, node: &Node, now: u64) -> Vec<FieldFault> {
        let form = self.plain();
        match &self.view {
            Some(view) => node.doubts(view, self.kind, &form, now),
            None => {
                let (terms, half) = (Terms::usual(), Half::Asking);
                let setting = Setting { now, terms, half, before: &[] };
                flow::doubts(self.flow, self.kind, &form, &setting)
            }
        }
    }

    /// What was written, whatever is wrong with it.
    fn plain(&self) -> Object {
        form::plain(self.kind, &self.fields, Some(self.lang))
    }

    /// Grounds that the instrument of the matter does not know, and that do not stand whatever it
    /// says. ASK-9.
    fn unfit(&self) -> Vec<FieldFault> {
        let Some(basis) = self.view.as_ref().and_then(basis_of) else { return Vec::new() };
        let grounds = |sort: &Sort| matches!(sort, Sort::Choice(words) if *words == ground::NAMES);
        let fields = self.kind.fields.iter().filter(|field| grounds(&field.sort));
        let plain = self.plain();
        let stated: Vec<(&str, &str)> = fields
            .filter_map(|field| Some((field.name, plain.get(field.name)?.as_str()?)))
            .collect();
        let unfit = stated
            .into_iter()
            .filter(|(_, stated)| ground::ground(stated).is_some_and(|stated| !stated.fits(basis)));
        let wrong = |field: &str| FieldFault {
            field: field.to_owned(),
            wrong: Wrong::NotOffered(basis.to_owned()),
        };
        unfit.map(|(field, _)| wrong(field)).collect()
    }

    /// What it lacks by the terms in force, by its instrument and by what the peer published.
    fn lacks(&self, node: &Node) -> Result<Vec<FieldFault>> {
        if !self.kind.opens {
            return Ok(Vec::new());
        }
        let published = node.published(&self.peer, self.ring, false)?;
        let published = published.map_or(Vec::new(), fields_of);
        let terms = node.terms_now(&self.peer, self.ring)?;
        Ok(flow::lacks(self.kind, &self.plain(), &published, (terms, node.now(self.ring))))
    }
}

/// Everything that an act says, coded and beside it.
fn fields_of(act: ActView) -> Vec<(String, Value)> {
    let beside = act.disclosed.into_iter().map(|one| (one.name, one.value));
    act.body.0.into_iter().chain(beside).collect()
}

/// Whoever names a desk where that takes a call speaks for the duty desk, unless it says for whom.
/// CAL-3
fn take_up(kind: &Kind, fields: &mut Cow<'_, Object>) {
    let takes = kind.field("desk").is_some_and(|field| matches!(field.need, Need::When("post", _)));
    if takes && fields.get("desk").is_some() && fields.get("post").is_none() {
        fields.to_mut().set("post", Post::Desk.name());
    }
}

/// The lines of work of the matters of this channel that a new one is about: a call about a
/// request, a request that extends another. Where its form names none, that of the matter of which
/// it came.
fn about(
    node: &Node,
    flow: &Flow,
    args: &Object,
    place: (&PartyId, Ring),
    before: Option<&MatterView>,
) -> Vec<String> {
    let kind = optional(args, "kind").and_then(|name| flow.kind(name));
    let given = args.get("fields").and_then(Value::as_object);
    let fields = kind.zip(given).map(|(kind, given)| (kind, expand(node, kind, given)));
    let named = fields.iter().flat_map(|(kind, fields)| {
        let named = kind.fields.iter().filter(|field| matches!(field.sort, Sort::Matters(_)));
        named.filter_map(move |field| fields.get(field.name)?.as_array()).flatten()
    });
    let views = named.filter_map(|id| node.matter(&MatterId::parse(id.as_str()?).ok()?).ok());
    let of = |view: &MatterView| {
        (is_in(view, place) && !view.stream.is_empty()).then(|| view.stream.clone())
    };
    let mut streams: Vec<String> = views.filter_map(|view| of(&view)).collect();
    streams.dedup();
    if streams.is_empty() {
        streams.extend(before.and_then(of));
    }
    streams
}

/// Whether a matter is of this channel.
fn is_in(view: &MatterView, place: (&PartyId, Ring)) -> bool {
    (&view.peer, view.ring) == place
}

/// The line of work of a new matter: one that the channel has, or that of a matter that it is
/// `about`, which may be older than the terms. ASK-8.
/// What is opened for the channel itself is of no line of work: what each side opens once, and a
/// test of the line. [`Code::StreamUnknown`] names those that there are.
fn stream(
    node: &Node,
    flow: &Flow,
    (peer, ring): (&PartyId, Ring),
    (named, about): (Option<&str>, Vec<String>),
) -> Result<String> {
    if named.is_none() && flow.rules() == flow::scheduled_test().0 {
        return node.tested_in(peer, ring);
    }
    let mut known = node.streams(peer, ring)?;
    let usual = known.iter().find(|one| **one == STREAMS[0]).cloned();
    let usual = usual.or(known.first().filter(|_| known.len() == 1).cloned());
    let usual = about.first().filter(|_| about.len() == 1).cloned().or(usual);
    known.extend(about.into_iter().filter(|one| !known.contains(one)).collect::<Vec<_>>());
    let unknown =
        |wrong: &str| Code::StreamUnknown.at(format!("{wrong}; there is {}", known.join(", ")));
    match (named, usual) {
        (Some(name), _) if known.iter().any(|one| one == name) => Ok(name.to_owned()),
        // Whoever typed it may have typed anything.
        (Some(name), _) => Err(unknown(&format!("{name:?}"))),
        (None, Some(usual)) => Ok(usual),
        (None, None) if flow.lone().is_some() => Ok(STREAMS[0].to_owned()),
        (None, None) => Err(unknown("none was named")),
    }
}

/// An act in a matter, or one that opens a matter. `fields` is the form, `from` a matter whose own
/// acts fill it where `fields` does not. All faults in it are reported at once; what cannot be
/// meant, and what a request lacks beyond its form, stop it too, unless `as_it_is` says otherwise.
pub fn act(node: &mut Node, args: &Object) -> Result<Step> {
    let wish = Wish::of(node, args)?;
    wish.permitted(node, wish.own_half(args))?;
    let lacks = if wish.as_it_is { Vec::new() } else { wish.lacks(node)? };
    let now = node.now(wish.ring);
    let unfit = wish.unfit();
    let checked = match wish.sound(node, now) {
        Ok(checked) if unfit.is_empty() => checked,
        outcome => {
            let mut unsound = outcome.err().unwrap_or_default();
            unsound.wrong.extend(unfit);
            return Err(unsound.fault(lacks));
        }
    };
    if !lacks.is_empty() {
        return Err(Fault { code: Code::RequirementsUnmet, ..as_fault(&lacks) });
    }
    if only_checked(args) {
        return Ok(Step::Done(Object::default().with("checked", true).into()));
    }
    let re = answered(node, &wish.target, wish.kind, args)?;
    let then = submitted(node, &wish, &checked.body).map(Box::new);
    let draft = Draft {
        peer: wish.peer,
        ring: wish.ring,
        target: wish.target,
        rules: wish.flow.rules().to_owned(),
        kind: wish.kind.name.to_owned(),
        body: checked.body,
        disclosed: checked.disclosed,
        re,
    };
    Ok(Step::Draft(Box::new(draft), then))
}

/// The act that ends the draft of which a request comes: one of ours that waits still, and that was
/// shown where the request goes. A draft that another peer was shown, or on the other channel, is
/// as open as before. ASK-5
fn submitted(node: &Node, wish: &Wish<'_>, body: &Object) -> Option<Draft> {
    let (kind, says) = flow::submitted();
    let named = body.get(CONSULTED).and_then(Value::as_str)?;
    // What is named may be a draft on another node, or none.
    let view = node.matter(&MatterId::parse(named).ok()?).ok()?;
    let came_of_it = wish.kind.opens && is_draft_of(&view, wish.kind);
    let waits = view.mine && view.open.iter().any(|open| open.name == kind);
    (came_of_it && waits && is_in(&view, (&wish.peer, wish.ring))).then(|| Draft {
        peer: wish.peer,
        ring: wish.ring,
        target: Target::Matter(view.matter),
        rules: flow::drafting().rules().to_owned(),
        kind: kind.to_owned(),
        body: says,
        disclosed: Vec::new(),
        re: Vec::new(),
    })
}

/// Whether a matter is one in which an act of this kind was shown before it was made.
fn is_draft_of(view: &MatterView, kind: &Kind) -> bool {
    let drafting = view.flow.is_some_and(|flow| std::ptr::eq(flow, flow::drafting()));
    drafting && flow::drafting().kind(kind.name).is_none()
}

/// Whether an act is only to be checked: before its files are sealed.
pub fn only_checked(args: &Object) -> bool {
    args.get("only_check").and_then(Value::as_bool) == Some(true)
}

/// Everything that a request lacks, without making it: by its form, by its instrument, by what the
/// peer published, and by the `files` that are to go with it, of which nothing is sealed.
pub fn check(node: &mut Node, args: &Object) -> Result<Step> {
    let mut wish = Wish::of(node, args)?;
    let files = super::attachment::fit(args, wish.kind, wish.fields.to_mut())?;
    let now = node.now(wish.ring);
    let unsound = wish.sound(node, now).err().unwrap_or_default();
    let signable = unsound.wrong.is_empty() && files.is_empty();
    let mut faults = unsound.into_all();
    faults.extend(wish.lacks(node)?);
    let list = faults.iter().map(|fault| {
        let mut out =
            Object::default().with("field", fault.field.as_str()).with("wrong", fault.word());
        for lang in Lang::ALL {
            out.set(lang.tag(), said(lang, wish.kind, fault));
        }
        Value::from(out)
    });
    let complete = faults.is_empty() && files.is_empty();
    let list = list.chain(files);
    let published = node.published(&wish.peer, wish.ring, false)?;
    let basis = wish.plain();
    let basis = basis.get("instrument").and_then(Value::as_str).and_then(super::basis::known);
    let basis = match basis {
        Some(basis) => {
            let sides = super::basis::sides(node, (&wish.peer, wish.ring), basis.name)?;
            let shown = super::basis::shown(basis).with("peer", wish.peer.to_string());
            let names = super::names_of(node, &wish.peer);
            shown.with("peer_names", names).with("sides", sides).into()
        }
        None => Value::Null,
    };
    let out = Object::default()
        .with("signable", signable)
        .with("complete", complete)
        .with("lacking", Value::Array(list.collect()))
        .with("published_at", published.map_or(Value::Null, |act| act.logged_at.into()))
        .with("instrument", basis);
    Ok(Step::Done(out.into()))
}

/// A fault with the label of its field, and with the name of the instrument that wants it.
pub fn said(lang: Lang, kind: &Kind, fault: &FieldFault) -> String {
    let known = fault.field.split('.').next().and_then(|first| kind.field(first));
    // A member of a group has a label of its own.
    let member = known.map(|_| format!("field-{}", fault.field.replace('.', "-")));
    let member = member.filter(|key| say::known(lang, key));
    let label = member.or(known.map(|field| format!("field-{}", field.name)));
    let label = label.map(|key| render(lang, &Say::of(key)));
    let mut say = fault.say();
    for (name, value) in &mut say.args {
        match name.as_str() {
            "field" => *value = label.clone().unwrap_or_else(|| value.clone()),
            "by" => *value = by(lang, value),
            _ => {}
        }
    }
    render(lang, &say)
}

/// `hanoi 42` for a person; `peer` is the other side.
fn by(lang: Lang, value: &str) -> String {
    let (name, article) = value.split_once(' ').unwrap_or((value, ""));
    if super::basis::known(name).is_none() {
        return render(lang, &Say::of("cli-wanted-by-peer"));
    }
    let name = render(lang, &Say::of(format!("choice-instrument-{name}")));
    match article {
        "" => name,
        article => {
            let say = Say::of("cli-article").with("instrument", name).with("article", article);
            render(lang, &say)
        }
    }
}

/// The form as our own valid acts of a matter fill it, newer ones over older ones; where the kind
/// has a place for it, the matter itself is named as the consultation before. What names a matter
/// means nothing in another channel and stays out there.
fn told_before(view: &MatterView, kind: &Kind, place: (&PartyId, Ring)) -> Object {
    let same = is_in(view, place);
    let names = |field: &Field| field.name == CONSULTED || matches!(field.sort, Sort::Matters(_));
    let mut fields = Object::default();
    for act in view.acts.iter().filter(|act| act.mine) {
        let disclosed = act.disclosed.iter().map(|one| (&one.name, &one.value));
        for (name, value) in act.body.0.iter().map(|(name, value)| (name, value)).chain(disclosed) {
            // A file that goes out again is attached anew, under another key.
            let fits = kind.field(name).is_some_and(|field| same || !names(field));
            if fits && !kind.is_attachment(name) {
                fields.set(name, value.clone());
            }
        }
    }
    if same && view.mine && is_draft_of(view, kind) && kind.field(CONSULTED).is_some() {
        fields.set(CONSULTED, view.matter.to_string());
    }
    fields
}

/// The acts named in `re`; without any, those that the flow says such an act answers.
fn answered(node: &Node, target: &Target, kind: &Kind, args: &Object) -> Result<Vec<Entry>> {
    if let Some(list) = args.get("re").and_then(Value::as_array) {
        let read = |item: &Value| Entry::parse(item.as_str().unwrap_or_default());
        return list.iter().map(read).collect();
    }
    match target {
        Target::Matter(matter) => Ok(node.matter(matter)?.answers(kind.name)),
        Target::New { .. } => Ok(Vec::new()),
    }
}

/// Other matters are named by their first digits, as everywhere; an act carries them whole. What
/// cannot be found is left as it is, and the check of the form names it, where one such field holds
/// nothing but matters.
fn expand<'a>(node: &Node, kind: &Kind, fields: &'a Object) -> Cow<'a, Object> {
    let mut fields = Cow::Borrowed(fields);
    let names = |field: &&Field| field.is_matter() || matches!(field.sort, Sort::Matters(_));
    for field in kind.fields.iter().filter(names) {
        let whole = |digits: &str| {
            node.matter_id(digits).map_or_else(|_| digits.to_owned(), |id| id.to_string())
        };
        let given = match fields.get(field.name) {
            Some(Value::Str(text)) if field.is_matter() => {
                let whole = whole(text.trim());
                fields.to_mut().set(field.name, whole);
                continue;
            }
            Some(Value::Str(text)) => text.split([',', ' ']).filter(|id| !id.is_empty()).collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !given.is_empty() {
            let whole = given.into_iter().map(whole).collect::<Vec<_>>();
            fields.to_mut().set(field.name, whole);
        }
    }
    fields
}

/// The flow that `rules` names, else the one that a kind opens a matter of, else the usual one.
fn named(args: &Object, kind: &str) -> Result<&'static Flow> {
    match optional(args, "rules") {
        None => Ok(opened_by(kind).unwrap_or_else(usual)),
        Some(rules) => {
            flow(rules).ok_or_else(|| Code::ArgumentWrong.at(format!("rules {rules:?}")))
        }
    }
}

fn kind(flow: &'static Flow, name: &str) -> Result<&'static Kind> {
    flow.kind(name).ok_or_else(|| match flows().iter().any(|flow| flow.kind(name).is_some()) {
        // An act of another sort of matter: a call is closed, a request is not.
        true => Code::KindElsewhere.at(name),
        false => Code::ArgumentWrong.at(format!("kind {name:?}")),
    })
}

/// The instrument on which the request of a matter rests, if it names one.
fn basis_of(view: &MatterView) -> Option<&str> {
    view.acts.first()?.body.get("instrument")?.as_str()
}

/// What an act of a kind asks for: prompts in both languages and the JSON Schema. With a matter,
/// or with the `instrument` and the `measure` of a request that is drawn up, what the instrument
/// decides: the measures that it provides for, the fields that it wants, the grounds that it knows,
/// each with its article, and its clocks with the length that is in force.
pub fn form(node: &mut Node, args: &Object) -> Result<Step> {
    let name = text(args, "kind")?;
    let view = optional(args, "matter").map(|digits| node.matter(&node.matter_id(digits)?));
    let view = view.transpose()?;
    let flow = match &view {
        Some(view) => view.flow.ok_or_else(|| Code::NotPermitted.at("unknown flow"))?,
        // A kind of the usual flow needs no more words than itself; another one is looked for.
        None => match named(args, name)? {
            flow if flow.kind(name).is_some() || optional(args, "rules").is_some() => flow,
            other => {
                flows().iter().find(|flow| flow.kind(name).is_some()).copied().unwrap_or(other)
            }
        },
    };
    let kind = kind(flow, name)?;
    let basis = match &view {
        Some(view) => basis_of(view),
        None => optional(args, "instrument"),
    };
    if let Some(unknown) = basis.filter(|one| view.is_none() && super::basis::known(one).is_none())
    {
        return Err(Code::ArgumentWrong.at(format!("instrument {unknown:?}")));
    }
    let measure = optional(args, "measure");
    let asked = partner(node, args).ok().filter(|_| view.is_none() && kind.opens);
    // Whoever is not accredited has published nothing here.
    let published = asked.and_then(|peer| node.published(&peer, ring(args), false).ok().flatten());
    let published = published.map_or(Vec::new(), fields_of);
    let formal = basis.zip(measure).and_then(|picked| flow::formality(picked, &published));
    let picked = Picked { basis, measure, formal: formal.map(|(word, _)| word) };
    let list = Value::Array(questions(kind, &picked));
    // As text: a schema nests deeper than the strict reader at the other end of a socket allows.
    let schema = Value::from(form::schema(kind)).to_text();
    let owed = basis.and_then(ground::reason_owed).map(|cite| cite.article);
    let out = Object::default()
        .with("rules", flow.rules())
        .with("prompts", list)
        .with("schema", schema)
        .with("instrument", basis.unwrap_or_default())
        .with("reasons_owed", owed.unwrap_or_default())
        .with("clocks", clocks(node, args, view.as_ref(), basis));
    Ok(Step::Done(out.into()))
}

/// The clocks that an instrument may set, each with the length that is in force in the channel.
fn clocks(node: &Node, args: &Object, view: Option<&MatterView>, basis: Option<&str>) -> Value {
    let named = basis.and_then(super::basis::known).map_or(&[][..], |known| known.profiles);
    let place = match view {
        Some(view) => Some((view.peer, view.ring)),
        None => partner(node, args).ok().map(|peer| (peer, ring(args))),
    };
    let terms = place.and_then(|(peer, ring)| node.terms_now(&peer, ring).ok());
    let terms = terms.unwrap_or(Terms::usual());
    let each = named.iter().filter_map(|id| terms.profile(id)).map(|profile| {
        let length = profile.limit.counted().map_or(Value::Null, |(unit, count)| {
            Object::default().with("unit", unit).with("count", u64::from(count)).into()
        });
        let out = Object::default().with("profile", profile.id).with("sort", profile.sort.name());
        Value::from(out.with("length", length).with("sure", profile.read))
    });
    Value::Array(each.collect())
}

/// What a person has picked before the rest of a form is asked for.
#[derive(Clone, Copy, Default)]
pub struct Picked<'a> {
    /// The instrument of the matter or of the request.
    pub basis: Option<&'a str>,
    /// The measure of the request.
    pub measure: Option<&'a str>,
    /// How much form goes with it, by its receiver or by its instrument. ASK-21
    pub formal: Option<&'a str>,
}

/// The questions of a form in both languages, one for each field, with what the instrument that was
/// picked decides of it.
pub fn questions(kind: &Kind, picked: &Picked<'_>) -> Vec<Value> {
    let prompts = prompts(kind);
    let each = prompts.iter().map(|prompt| {
        let mut out = Object::default().with("field", prompt.name.as_str());
        for lang in Lang::ALL {
            let label = render(lang, &prompt.label);
            let hint = render(lang, &prompt.hint);
            out.set(lang.tag(), Object::default().with("label", label).with("hint", hint));
        }
        let out = offered(prompt, picked).into_iter().fold(out, |out, (k, v)| out.with(k, v));
        let out = out.with("example", form::example(prompt.field));
        let out = out.with("rows", matches!(prompt.field.sort, Sort::Rows(_)));
        let out = match (prompt.need, prompt.one_of) {
            (Need::When(other, words), _) => {
                let when = Object::default().with("field", other).with("words", words.to_vec());
                out.with("needed_when", when)
            }
            (Need::Beside(other), _) => {
                // Asked for where the number that it says more of is not zero.
                let group = prompt.name.rsplit_once('.').map_or("", |(group, _)| group);
                out.with("beside", format!("{group}.{other}"))
            }
            (_, Some(group)) => out.with("one_of", group),
            _ => out,
        };
        let out = match wanted(kind, prompt, picked) {
            Some(cite) => out.with("wanted", super::basis::cited(cite)),
            None => out,
        };
        let formal = picked.formal.filter(|word| kind.opens && prompt.name == said_in(word));
        let out = formal.into_iter().fold(out, |out, word| out.with("formality", word));
        Value::from(out.with("required", prompt.field.required()))
    });
    each.collect()
}

/// The field in which a request says of the formal one what is waited for.
fn said_in(formality: &str) -> &'static str {
    if formality == "formal-first" { "lodged_on" } else { "formal_follows" }
}

/// Where the instrument wants this field in a request, if it does.
fn wanted(kind: &Kind, prompt: &Prompt, picked: &Picked<'_>) -> Option<Cite> {
    let basis = super::basis::known(picked.basis?).filter(|_| kind.opens)?;
    let field = prompt.name.split('.').next()?;
    basis.wants(picked.measure?).find(|wanted| wanted.field == field).map(|wanted| wanted.cite)
}

/// The choices of a question: of grounds and measures those of the instrument, with its articles.
fn offered(prompt: &Prompt, picked: &Picked<'_>) -> Vec<(&'static str, Value)> {
    let all = || vec![("choices", prompt.choices.to_vec().into())];
    let Some(basis) = picked.basis else { return all() };
    let cites: Vec<(&str, Option<Cite>)> = if prompt.choices == ground::NAMES {
        ground::offered(basis).iter().map(|one| (one.name, one.cite(basis))).collect()
    } else if let ("measure", Some(known)) = (&*prompt.name, super::basis::known(basis)) {
        let offers = prompt.choices.iter().filter(|measure| known.offers(measure));
        offers.map(|measure| (*measure, known.provides(measure))).collect()
    } else {
        return all();
    };
    let names: Vec<&str> = cites.iter().map(|(name, _)| *name).collect();
    let known = cites.iter().filter_map(|(name, cite)| Some((*name, (*cite)?)));
    let articles = known.fold(Object::default(), |out, (name, cite)| {
        // What nobody has read in the published text carries a mark wherever it is shown.
        let mark = if cite.sure { "" } else { " (?)" };
        out.with(name, format!("{}{mark}", cite.article))
    });
    vec![("choices", names.into()), ("articles", articles.into())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_of_another_flow_is_told_from_a_word_that_is_none() {
        let code = |name: &str| kind(usual(), name).unwrap_err().code;
        assert_eq!(code("surge-end"), Code::KindElsewhere);
        assert_eq!(code("dance"), Code::ArgumentWrong);
        assert!(kind(usual(), "answer").is_ok());
    }
}
