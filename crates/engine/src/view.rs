//! What a person sees of a matter: both halves, the state, and how far each act has come.

use crate::agreed::{Agreed, Span};
use crate::channel::{Channel, Side, known};
use crate::entered::{Apart, apart};
use crate::matter::{Matter, ORPHANED, Verdict, parse_verdict};
use crate::node::Node;
use crate::stored::{reread, reread_coded};
use counterpart_record::disclose::Disclosure;
use counterpart_record::fault::{Code, Result};
use counterpart_record::hash::Hash;
use counterpart_record::head::Head;
use counterpart_record::id::{Entry, MatterId, PartyId};
use counterpart_record::keys::Ring;
use counterpart_record::statement::Verified;
use counterpart_record::strict::json::Object;
use counterpart_rules::act::Half;
use counterpart_rules::apart::TAKEN_BY;
use counterpart_rules::clock::{Sort, Timer};
use counterpart_rules::flow::{Flow, Past, State, publishing};
use counterpart_rules::form::Kind;
use counterpart_rules::owed::{Deed, deed, duties};
use counterpart_rules::terms::Terms;
use counterpart_store::{ActRow, Owner};

/// How far an act has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// In its author's log.
    Logged,
    /// A head of the other side's log covers it.
    Held,
    /// Both sides' logs with it are cosigned by the other.
    Anchored,
}

impl Rung {
    /// The word in phrase keys and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Rung::Logged => "logged",
            Rung::Held => "held",
            Rung::Anchored => "anchored",
        }
    }
}

/// One act as shown.
#[derive(Clone, Debug)]
pub struct ActView {
    /// Its entry.
    pub entry: Entry,
    /// Whether it is ours.
    pub mine: bool,
    /// Its kind.
    pub kind: String,
    /// Position among its author's acts in the matter.
    pub seq: u64,
    /// The coded fields.
    pub body: Object,
    /// What came beside it and is still there.
    pub disclosed: Vec<Disclosure>,
    /// How many disclosures were erased.
    pub erased: usize,
    /// Acts that it answers.
    pub re: Vec<Entry>,
    /// When its author signed it, by the author's clock.
    pub issued_at: u64,
    /// Time of the author's official head.
    pub logged_at: u64,
    /// Time of the receiver's official head.
    pub held_at: Option<u64>,
    /// Index in our log.
    pub own_index: u64,
    /// Index in the peer's log.
    pub peer_index: Option<u64>,
    /// How far it has come.
    pub rung: Rung,
    /// What was decided.
    pub verdict: Verdict,
    /// Since when its author suspects that the key which signed it was misused, if it was logged no
    /// earlier: the key is revoked, and the act is contested. DOS-18
    pub contested: Option<u64>,
    /// In a one-sided matter, of what the correspondent said: how it came, by our word alone.
    pub came: Option<Came>,
}

impl ActView {
    /// How many disclosed fields of it are still there.
    pub fn words(&self) -> usize {
        let taken_by = self.came.as_ref().is_some_and(|came| !came.taken_by.is_empty());
        self.disclosed.len() + usize::from(taken_by)
    }
}

/// How something came that was entered by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// One of [`counterpart_rules::apart::HOW`].
    pub how: String,
    /// When, as entered, in seconds (UTC).
    pub received_at: u64,
    /// Who took it, as entered; empty if that was not said or was erased.
    pub taken_by: String,
    /// By how many seconds it was entered late; 0 if it was not. COR-4.
    pub late_by: u64,
}

/// A matter as shown.
#[derive(Debug)]
pub struct MatterView {
    /// Which.
    pub matter: MatterId,
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// Whether it is with a correspondent: everything in it is our own word.
    pub one_sided: bool,
    /// Whether we opened it.
    pub mine: bool,
    /// Which half is ours.
    pub half: Half,
    /// The line of work.
    pub stream: String,
    /// The id of the terms that its opening act names; zeros for none.
    pub terms: Hash,
    /// Its flow; `None` if this program does not know it.
    pub flow: Option<&'static Flow>,
    /// Where it stands; `None` if this program does not know its flow.
    pub state: Option<State>,
    /// Its acts, in the order of our log.
    pub acts: Vec<ActView>,
    /// What we may do now.
    pub open: Vec<&'static Kind>,
    /// What an act of each kind answers if its author names nothing; kinds without are left out.
    pub answers: Vec<(&'static str, Vec<Entry>)>,
    /// In a one-sided matter: the kinds of what may come from the correspondent now, each with what
    /// it would answer.
    pub may_come: Vec<(&'static Kind, Vec<Entry>)>,
}

impl MatterView {
    /// What an act of this kind answers if its author names nothing.
    pub fn answers(&self, kind: &str) -> Vec<Entry> {
        let found = self.answers.iter().find(|(name, _)| *name == kind);
        found.map(|(_, entries)| entries.clone()).unwrap_or_default()
    }
}

impl Node {
    /// A matter by its id or by the first digits of it. [`Code::MatterUnknown`], and
    /// [`Code::Ambiguous`] if more than one begins so.
    pub fn matter_id(&self, digits: &str) -> Result<MatterId> {
        if let Ok(id) = MatterId::parse(digits) {
            return Ok(id);
        }
        let wrong = || Code::ArgumentWrong.at("a matter is named by at least four of its digits");
        let good = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if !(4..32).contains(&digits.len()) || !digits.bytes().all(good) {
            return Err(wrong());
        }
        let head = &digits[..digits.len().min(16)];
        let edge = |fill: &str| {
            let digits = head.to_owned() + &fill.repeat(16 - head.len());
            u64::from_str_radix(&digits, 16).map_err(|_| wrong())
        };
        let (first, last) = (edge("0")?, edge("f")?);
        let all = self.store.matters_between(first, last)?;
        let found = all.iter().filter(|(_, id)| id.to_string().starts_with(digits));
        let mut found: Vec<MatterId> = found.map(|(_, id)| *id).collect();
        found.dedup();
        match &found[..] {
            [one] => Ok(*one),
            [] => Err(Code::MatterUnknown.at(digits)),
            _ => Err(Code::Ambiguous.at(digits)),
        }
    }

    /// The newest matters with the state of each, at most `limit`.
    pub fn matters(&self, limit: usize) -> Result<Vec<MatterView>> {
        let list = self.store.matters(limit)?;
        list.iter().map(|(number, id)| self.matter_in(*number, id)).collect()
    }

    /// One matter.
    pub fn matter(&self, id: &MatterId) -> Result<MatterView> {
        for channel in &self.channels {
            if !self.store.matter(channel.row.number, id)?.is_empty() {
                return self.matter_in(channel.row.number, id);
            }
        }
        Err(Code::MatterUnknown.at(id.short()))
    }

    /// What the peer published, or with `mine` what we did, about what a request needs; `None`
    /// before the first publication.
    pub fn published(&self, peer: &PartyId, ring: Ring, mine: bool) -> Result<Option<ActView>> {
        if self.correspondent(peer).is_some() {
            return Ok(None);
        }
        let channel = &self.channels[self.channel_at(peer, ring)?];
        let opener = if mine { &self.me } else { peer };
        let Some(nonce) = publishing().lone() else { return Ok(None) };
        let id = MatterId::of(&channel.row.channel, opener, &nonce);
        let view = self.matter_in(channel.row.number, &id)?;
        Ok(view.acts.into_iter().rfind(|act| act.verdict == Verdict::Valid))
    }

    /// Why a half of a matter may write no act of this kind now, whatever it says, if it may not.
    pub fn barred(&self, view: &MatterView, half: Half, kind: &Kind) -> Result<Option<&str>> {
        let at = self.channel_of(&view.peer, view.ring)?;
        let laid = self.lay(self.channels[at].row.number, &view.matter, false)?;
        let (asking, answering) = laid.matter.valid();
        let past = Past { asking: &asking, answering: &answering };
        let barred = view.flow.and_then(|flow| flow.barred(past, half, kind));
        Ok(barred.map(|reason| reason.0))
    }

    pub(crate) fn matter_in(&self, number: u32, id: &MatterId) -> Result<MatterView> {
        let Laid { channel, matter, acts, stream, terms } = self.lay(number, id, true)?;
        let mine = matter.opener_mine() == Some(true);
        let (asking, answering) = matter.valid();
        let flow = matter.flow();
        let half = matter.half_of(true, false);
        let open = flow.map_or(Vec::new(), |flow| flow.open_kinds(half, &asking, &answering));
        let agreed = channel.agreed.terms(&terms, mine);
        let answered = |kind: &&'static Kind| {
            let past = Past { asking: &asking, answering: &answering };
            let entries = flow.map(|flow| flow.answers(past, agreed, half, kind.name));
            entries.filter(|list| !list.is_empty()).map(|list| (kind.name, list))
        };
        Ok(MatterView {
            matter: *id,
            peer: channel.row.peer,
            ring: channel.ring,
            mine,
            half,
            stream,
            terms,
            flow,
            state: self.state_of(channel, id, &matter, &terms)?,
            may_come: match flow.filter(|_| channel.one_sided) {
                Some(flow) => {
                    let half = half.other();
                    let kinds = flow.open_kinds(half, &asking, &answering).into_iter();
                    let past = Past { asking: &asking, answering: &answering };
                    let answers = |kind: &'static Kind| flow.answers(past, agreed, half, kind.name);
                    kinds.map(|kind| (kind, answers(kind))).collect()
                }
                None => Vec::new(),
            },
            one_sided: channel.one_sided,
            answers: open.iter().filter_map(answered).collect(),
            open,
            acts,
        })
    }

    /// Where a matter stands, without its words and without what may follow: what a queue reads of
    /// many. `None` if this program does not know its flow.
    pub(crate) fn stand(&self, number: u32, id: &MatterId) -> Result<Option<Stand>> {
        let Laid { channel, matter, stream, terms, .. } = self.lay(number, id, false)?;
        let state = self.state_of(channel, id, &matter, &terms)?;
        Ok(state.map(|state| Stand {
            peer: channel.row.peer,
            ring: channel.ring,
            mine: matter.opener_mine() == Some(true),
            half: matter.half_of(true, false),
            stream,
            state,
        }))
    }

    fn state_of(
        &self,
        channel: &Channel,
        id: &MatterId,
        matter: &Matter,
        terms: &Hash,
    ) -> Result<Option<State>> {
        let as_of = self.seams.clock.now(channel.ring);
        let state = self.state_at(channel, matter, terms, as_of);
        let duties = self.duties(channel, id, as_of)?;
        Ok(state.map(|mut state| match duties.is_empty() {
            true => state,
            false => {
                let mut timers = std::mem::take(&mut state.timers);
                timers.extend(duties);
                state.clocked(timers)
            }
        }))
    }

    /// The clocks of the channel itself, if this is the matter that shows them: the one in which
    /// the terms in force were accepted. CLK-24, CLK-27
    fn duties(&self, channel: &Channel, id: &MatterId, as_of: u64) -> Result<Vec<Timer>> {
        let agreeing = channel.agreeing();
        if !channel.agreed.sets_duties() || !agreeing.contains(&Some(*id)) {
            return Ok(Vec::new());
        }
        let laid = |id: Option<MatterId>| match id {
            Some(id) => Ok(self.lay(channel.row.number, &id, false)?.matter),
            None => Ok(Matter::default()),
        };
        let [ours, theirs] = [laid(agreeing[0])?, laid(agreeing[1])?];
        let spans = Agreed::spans(&ours, &theirs, &self.me, &channel.row.peer);
        let Some(last) = spans.iter().rfind(|span| span.from <= as_of) else {
            return Ok(Vec::new());
        };
        let mine = last.ours;
        if agreeing[usize::from(!mine)] != Some(*id) {
            return Ok(Vec::new());
        }
        let terms = |span: &Span| (span.from, channel.agreed.terms(&span.id, mine));
        let agreed: Vec<(u64, &Terms)> = spans.iter().map(terms).collect();
        let half = |by_us: bool| if by_us == mine { Half::Asking } else { Half::Answering };
        let deeds = self.deeds(channel)?.into_iter().map(|(by_us, deed)| (half(by_us), deed));
        Ok(duties(&agreed, &deeds.collect::<Vec<_>>(), as_of))
    }

    /// What either side did that the clocks of the channel run by, and whether it was us.
    fn deeds(&self, channel: &Channel) -> Result<Vec<(bool, Deed)>> {
        let (number, upto) = (channel.row.number, channel.upto());
        let at = self.channels.iter().position(|one| one.row.number == number);
        let watched = |id: &MatterId| at.is_some_and(|at| self.watch.all.contains(&(at, *id)));
        let mut deeds = channel.deeds();
        if let Some((own, peer)) = deeds.behind(upto) {
            let touched = self.store.touched(number, own, peer)?;
            for id in touched.into_iter().filter(watched) {
                let matter = self.lay(number, &id, false)?.matter;
                let (asking, answering) = matter.valid();
                let past = Past { asking: &asking, answering: &answering };
                let deed = matter.flow().and_then(|flow| deed(flow, past));
                deeds.note(id, matter.opener_mine().zip(deed));
            }
        }
        Ok(deeds.read(upto))
    }

    /// Whether a matter was closed at a time, by the acts that it has today, and nothing was held
    /// by it any more. RET-12
    pub(crate) fn was_closed(&self, number: u32, id: &MatterId, as_of: u64) -> Result<bool> {
        let Laid { channel, matter, terms, .. } = self.lay(number, id, false)?;
        Ok(self
            .state_at(channel, &matter, &terms, as_of)
            .is_some_and(|state| state.closed && !state.kept))
    }

    fn state_at(
        &self,
        channel: &Channel,
        matter: &Matter,
        terms: &Hash,
        as_of: u64,
    ) -> Option<State> {
        let mine = matter.opener_mine() == Some(true);
        let (asking, answering) = matter.valid();
        let past = Past { asking: &asking, answering: &answering };
        let agreed = channel.agreed.terms(terms, mine);
        let state = matter.flow().map(|flow| flow.state(past, agreed, as_of))?;
        Some(shown_to(matter.half_of(true, false), state))
    }

    /// The acts of a matter out of the store; `whole` with all that a person reads of each.
    pub(crate) fn lay(&self, number: u32, id: &MatterId, whole: bool) -> Result<Laid<'_>> {
        let channel = self.channels.iter().find(|channel| channel.row.number == number);
        let channel = channel.ok_or_else(|| Code::StoreDamaged.at("matter without channel"))?;
        let mut matter = Matter::default();
        let mut acts = Vec::new();
        let mut stream = String::new();
        let mut terms = [0; 32];
        for row in self.store.matter(number, id)? {
            let act = if whole { reread(&row)? } else { reread_coded(&row)? };
            if channel.one_sided {
                let opens = act.payload.open.as_ref();
                stream = opens.map_or(stream, |open| open.stream.clone());
                terms = opens.map_or(terms, |open| open.terms);
                let place = (row.index, row.logged_at);
                let one = apart(&act.payload, row.entry, place, &matter)?;
                if whole {
                    let contested = contested(&channel.own, &act, row.logged_at);
                    acts.push(ActView { contested, ..one_sided(&row, act, &one) });
                }
                matter.restore(one.known, one.mine, parse_verdict(&row.verdict)?);
                continue;
            }
            let (peer_index, held_at) = self.reached(channel, &row)?;
            let opens = act.payload.open.as_ref();
            stream = opens.map_or(stream, |open| open.stream.clone());
            terms = opens.map_or(terms, |open| open.terms);
            let sight = channel.sight(self.store.as_ref(), row.mine, &act.payload.seen)?;
            let half = matter.half_of(row.mine, opens.is_some());
            let mut known = known(&act, half, &row, sight);
            known.act.held_at = held_at;
            let verdict = parse_verdict(&row.verdict)?;
            if verdict != Verdict::Void(ORPHANED) {
                matter.restore(known, row.mine, verdict);
            }
            if !whole {
                continue;
            }
            acts.push(ActView {
                entry: row.entry,
                mine: row.mine,
                kind: act.payload.kind.clone(),
                seq: act.payload.seq,
                contested: contested(
                    if row.mine { &channel.own } else { &channel.peer },
                    &act,
                    row.logged_at,
                ),
                body: act.payload.body.clone(),
                erased: act.payload.sd.len() - act.disclosures.len(),
                disclosed: act.disclosures,
                re: act.payload.re.clone(),
                issued_at: act.header.issued_at,
                logged_at: row.logged_at,
                held_at,
                own_index: row.index,
                peer_index,
                rung: rung(channel, row.index, peer_index),
                verdict,
                came: None,
            });
        }
        Ok(Laid { channel, matter, acts, stream, terms })
    }

    /// Where an act lies in the peer's log, and when its receiver's log held it.
    pub(crate) fn reached(
        &self,
        channel: &Channel,
        row: &ActRow,
    ) -> Result<(Option<u64>, Option<u64>)> {
        let number = channel.row.number;
        if !row.mine {
            let head = self.store.head_over(number, Owner::Own, row.index)?;
            let mut index = row.author_index;
            if channel.peer.line.came.contains_key(&row.entry) {
                // It lies in the peer's log of today once the peer has it again.
                index = self.store.mirrored_at(number, row.index)?.unwrap_or(u64::MAX);
            }
            return Ok((Some(index), time(head)?));
        }
        let Some(index) = self.store.mirrored_at(number, row.index)? else {
            return Ok((None, None));
        };
        Ok((Some(index), time(self.store.head_over(number, Owner::Peer, index)?)?))
    }
}

/// A matter as its acts come out of the store.
pub(crate) struct Laid<'a> {
    /// Between whom.
    pub channel: &'a Channel,
    /// Its two halves with what was decided of each act.
    pub matter: Matter,
    /// Its acts as they are shown; none unless they were asked for.
    pub acts: Vec<ActView>,
    /// The line of work.
    pub stream: String,
    /// The digest of the terms that its opening act names.
    pub terms: Hash,
}

/// Where a matter stands, for a queue of many.
pub(crate) struct Stand {
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// Whether we opened it.
    pub mine: bool,
    /// Our half.
    pub half: Half,
    /// The line of work.
    pub stream: String,
    /// Where it stands.
    pub state: State,
}

impl Stand {
    /// Whether a person of ours should hear of a clock: we must act, or what is kept for us runs
    /// out.
    pub fn concerns_us(&self, timer: &Timer) -> bool {
        let ours = timer.who == self.half;
        (ours && !timer.let_go) || (!ours && timer.sort == Sort::MinimumHold)
    }
}

/// An act of a one-sided matter. Nobody else holds it, and no rung of the ladder says so. COR-5.
fn one_sided(row: &ActRow, act: Verified, one: &Apart) -> ActView {
    let erased = act.payload.sd.len() - act.disclosures.len();
    let (mut disclosed, mut taken_by) = (act.disclosures, String::new());
    disclosed.retain(|disclosure| {
        let names = one.entered.is_some() && disclosure.name == TAKEN_BY;
        if names {
            taken_by = disclosure.value.as_str().unwrap_or_default().to_owned();
        }
        !names
    });
    let came = one.entered.as_ref().map(|entered| Came {
        how: entered.how.clone(),
        received_at: entered.received_at,
        taken_by,
        late_by: entered.late_by(act.header.issued_at),
    });
    ActView {
        entry: row.entry,
        mine: one.mine,
        kind: one.known.act.kind.clone(),
        seq: one.known.seq,
        body: one.known.act.body.clone(),
        disclosed,
        erased,
        re: act.payload.re,
        issued_at: act.header.issued_at,
        logged_at: row.logged_at,
        held_at: None,
        own_index: row.index,
        peer_index: None,
        rung: Rung::Logged,
        verdict: Verdict::Valid,
        contested: None,
        came,
    }
}

/// See [`ActView::contested`]. The time is that of the author's own log: a verifier knows no other
/// that the author is bound by.
fn contested(author: &Side, act: &Verified, logged_at: u64) -> Option<u64> {
    let since = author.book.suspected_since(&act.header.kid);
    since.filter(|since| logged_at >= *since)
}

/// Without what binds somebody of the other side at home. CLK-5.
fn shown_to(half: Half, mut state: State) -> State {
    state.timers.retain(|timer| timer.sort != Sort::OwnReminder || timer.who == half);
    state
}

fn rung(channel: &Channel, own_index: u64, peer_index: Option<u64>) -> Rung {
    match peer_index {
        None => Rung::Logged,
        Some(index) if own_index < channel.peer_cosigned && index < channel.cosigned => {
            Rung::Anchored
        }
        Some(_) => Rung::Held,
    }
}

fn time(head: Option<Vec<u8>>) -> Result<Option<u64>> {
    Ok(head.map(|bytes| Head::parse(&bytes)).transpose()?.map(|head| head.time))
}

/// How far the peer signed that it holds our log: what it cosigned, up to the first act of ours
/// that lies in none of its heads.
fn covered(channel: &Channel) -> u64 {
    let first = channel.in_flight.values().min().copied();
    channel.peer_cosigned.min(first.unwrap_or(u64::MAX))
}

/// How a channel stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// With whom.
    pub peer: PartyId,
    /// Live or drill.
    pub ring: Ring,
    /// Leaves of our log.
    pub own_size: u64,
    /// How far the peer holds our log: by its word, or by what it cosigned. An old pouch takes its
    /// word back, but not what it signed.
    pub held_by_peer: u64,
    /// Leaves of the peer's log.
    pub peer_size: u64,
    /// How far we hold it, statements and all.
    pub held: u64,
    /// Size of our head that the peer cosigned last.
    pub cosigned_by_peer: u64,
    /// The peer has accredited us.
    pub mutual: bool,
    /// Time of the peer's newest head, 0 before the first.
    pub peer_time: u64,
    /// The peer knows more of our log than we do, under this epoch: nothing is signed for it until
    /// it ends under a greater number. REC-26, REC-48.
    pub behind: Option<u64>,
}

/// A log as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogView {
    /// Its origin line.
    pub origin: String,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Time of its newest head.
    pub time: u64,
    /// Size of its newest cosigned head.
    pub cosigned: u64,
    /// Its newest head as a C2SP signed note; empty before the first.
    pub note: String,
    /// The C2SP verifier keys of that note; none before the first head.
    pub vkeys: Vec<String>,
}

impl Node {
    /// How every channel of two parties stands.
    pub fn standing(&self) -> Vec<Standing> {
        let two = self.channels.iter().filter(|channel| !channel.one_sided);
        let each = two.map(|channel| Standing {
            peer: channel.row.peer,
            ring: channel.ring,
            own_size: channel.own.frontier.size(),
            held_by_peer: channel.row.peer_held.max(covered(channel)),
            peer_size: channel.peer.frontier.size(),
            held: channel.row.held,
            cosigned_by_peer: channel.peer_cosigned,
            mutual: channel.mutual,
            peer_time: channel.peer.time(),
            behind: channel.behind,
        });
        each.collect()
    }

    /// Both logs of a channel: ours, then the peer's.
    pub fn logs(&self, peer: &PartyId, ring: Ring) -> Result<(LogView, LogView)> {
        let channel = &self.channels[self.channel_of(peer, ring)?];
        let signed = |side: &Side, head: &Head| {
            let log = side.log_at(head.size);
            let ring = side.book.at(head.size - 1).ring(ring);
            let vkeys = log.verifiers(ring).map(|one| one.to_vkey());
            (head.note(&log, ring), Vec::from(vkeys))
        };
        let view = |side: &Side, cosigned| {
            let head = side.head.as_ref();
            let (note, vkeys) = head.map_or_else(Default::default, |head| signed(side, head));
            LogView {
                origin: side.log.origin(),
                size: side.frontier.size(),
                root: side.frontier.root(),
                time: side.time(),
                cosigned,
                note,
                vkeys,
            }
        };
        let own = view(&channel.own, channel.peer_cosigned);
        Ok((own, view(&channel.peer, channel.cosigned)))
    }

    /// The newest leaves of our log of a channel, oldest first.
    pub fn leaves(&self, peer: &PartyId, ring: Ring, limit: u64) -> Result<Vec<ActRow>> {
        let channel = &self.channels[self.channel_of(peer, ring)?];
        let size = channel.own.frontier.size();
        self.store.acts(channel.row.number, size.saturating_sub(limit), size, usize::MAX, false)
    }

    /// The proofs of inconsistency that we hold.
    pub fn proofs(&self) -> Result<Vec<Vec<u8>>> {
        self.store.proofs()
    }

    /// The bytes of a root-signed statement that we hold.
    pub fn held_control(&self, entry: &Entry) -> Result<Vec<u8>> {
        let bytes = self.control_bytes(entry).map(<[u8]>::to_vec);
        bytes.ok_or_else(|| Code::ArgumentWrong.at("no such credential"))
    }
}
