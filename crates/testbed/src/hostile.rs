//! What a hostile party does with its real keys: leaves things out, lies, and stages what honest
//! parties must refuse, convict or survive.

use crate::cast::{Seeded, request};
use crate::forge::{Forge, Said, channel_row, nothing, tamper};
use crate::trouble::Trouble;
use crate::world::{HOSTILE, Mail, Way, World};
use counterpart_engine::{Node, Notice};
use counterpart_record::fault::{Code, Result};
use counterpart_record::head::{Cosignature, Head, LogId};
use counterpart_record::id::Entry;
use counterpart_record::key::Random as _;
use counterpart_record::keys::Ring;
use counterpart_record::payload::{Open, Seen};
use counterpart_store::{Owner, Store as _};

const STAGED: &[Trouble] = &[
    Trouble::TwoNodes,
    Trouble::TwoActs,
    Trouble::WrongRoot,
    Trouble::NotInHead,
    Trouble::DisclosureMissing,
    Trouble::DisclosureDoubled,
    Trouble::DisclosureRenamed,
    Trouble::EscapedKey,
    Trouble::SmallOrder,
    Trouble::ForeignIssuer,
    Trouble::SeenBack,
    Trouble::Gap,
    Trouble::NotAllowed,
    Trouble::FalseCosignature,
];

impl World {
    /// A parcel as it leaves the hostile party; an honest one leaves as it is.
    pub(crate) fn hostile_edit(
        &mut self,
        from: usize,
        to: usize,
        ring: Ring,
        bytes: Vec<u8>,
        way: Way,
    ) -> Option<Vec<u8>> {
        if self.honest(from) {
            return Some(bytes);
        }
        // Once it has forged, its node's own words would only convict it again.
        if self.forges.contains_key(&(to, ring)) {
            return None;
        }
        if way == Way::Reply && self.strikes(Trouble::NeverAnswers, 100) {
            self.hit(Trouble::NeverAnswers, from);
            self.struck.insert((Trouble::NeverAnswers, to));
            return None;
        }
        let withhold = self.strikes(Trouble::Withheld, 50);
        let silent = self.strikes(Trouble::NeverCosigns, 100);
        let lie = self.strikes(Trouble::FalseHeld, 20);
        let false_word = self.chance.below(40);
        let mut hits = Vec::new();
        let (me, victim) = (&self.seats[from].party, &self.seats[to].party);
        let edited = tamper(&bytes, me, victim, ring, |contents| {
            if withhold && !contents.acts.is_empty() {
                contents.acts.clear();
                hits.push(Trouble::Withheld);
            }
            if silent && contents.cosignature.take().is_some() {
                hits.push(Trouble::NeverCosigns);
            }
            if lie {
                contents.held = false_word;
                hits.push(Trouble::FalseHeld);
            }
        });
        for trouble in hits {
            self.hit(trouble, from);
            self.struck.insert((trouble, to));
        }
        edited.map_err(|fault| self.fail(format!("tamper: {fault}"))).ok()
    }

    /// Stages one attack on a victim, if this history has a hostile party and the victim runs.
    pub(crate) fn hostile_step(&mut self, to: usize, ring: Ring) {
        if !self.hostile || to == HOSTILE || !self.awake(to) || !self.awake(HOSTILE) {
            return;
        }
        let enabled: Vec<Trouble> =
            STAGED.iter().copied().filter(|staged| self.enabled.contains(staged)).collect();
        if enabled.is_empty() {
            return;
        }
        let mut trouble = enabled[self.chance.below(enabled.len() as u64) as usize];
        if let Some(wanted) = self.focus.trouble.filter(|wanted| enabled.contains(wanted)) {
            trouble = wanted;
        }
        let needs_node = [Trouble::TwoNodes, Trouble::NotInHead, Trouble::FalseCosignature];
        if needs_node.contains(&trouble) && self.forges.contains_key(&(to, ring)) {
            return;
        }
        self.hit(trouble, HOSTILE);
        self.struck.insert((trouble, to));
        let staged = match trouble {
            Trouble::TwoNodes => self.two_nodes(to, ring),
            Trouble::TwoActs => self.two_acts(to, ring),
            Trouble::WrongRoot => self.wrong_root(to, ring),
            Trouble::NotInHead => self.not_in_head(to, ring),
            Trouble::FalseCosignature => self.false_cosignature(to, ring),
            Trouble::SeenBack => self.seen_back(to, ring),
            Trouble::Gap => self.gap(to, ring),
            Trouble::NotAllowed => self.not_allowed(to, ring),
            poison => self.poison(to, ring, poison),
        };
        // The hostile party's own disk may fail it: then nothing was staged.
        if let Err(fault) = staged
            && !self.crashed(HOSTILE)
        {
            self.fail(format!("{} could not be staged: {fault}", trouble.name()));
        }
    }

    fn mail(&self, to: usize, ring: Ring, bytes: Vec<u8>) -> Mail {
        Mail { from: HOSTILE, to, ring, bytes, way: Way::Bag, damaged: false, number: 0 }
    }

    /// Two nodes on one key, from one copy of the disk, each with an act of its own.
    fn two_nodes(&mut self, to: usize, ring: Ring) -> Result<()> {
        self.split.insert(to);
        let victim = self.seats[to].party.id;
        let copy = self.seats[HOSTILE].disk.copy()?;
        let mut other = self.seats[HOSTILE].party.clone();
        other.random = Seeded::new(self.chance.below(u64::MAX));
        let mut twin = Node::load(Box::new(copy), other.seams())?;
        let Some(node) = self.seats[HOSTILE].node.as_mut() else { return Ok(()) };
        let mut parcels = Vec::new();
        for node in [node, &mut twin] {
            node.submit(request(victim, ring))?;
            node.ledger()?;
            parcels.extend(node.outgoing(&victim, ring, true)?);
        }
        if self.chance.chance(50) {
            parcels.reverse();
        }
        for bytes in parcels {
            self.hand(&self.mail(to, ring, bytes));
        }
        // A victim whose backup was restored lacks what the two histories begin with, and asks.
        if self.awake(to) && self.seats[to].restores == 0 {
            self.shown.push((to, Trouble::TwoNodes));
        }
        Ok(())
    }

    /// The forged log for a victim, from the hostile party's own on.
    fn forge(&mut self, to: usize, ring: Ring) -> Result<Forge> {
        match self.forges.remove(&(to, ring)) {
            Some(forge) => Ok(forge),
            None => {
                let seat = &self.seats[HOSTILE];
                Forge::over(&seat.disk, &seat.party, self.seats[to].party.id, ring)
            }
        }
    }

    /// Shows a forged log to its victim. Returns whether the victim still runs, and what it said.
    fn show(&mut self, forge: &Forge, to: usize, ring: Ring) -> Result<(bool, Vec<Notice>)> {
        let bytes = forge.parcel(&self.seats[to].party, &self.seats[to].disk)?;
        let notices = self.hand(&self.mail(to, ring, bytes));
        let up = self.seats[to].node.is_some();
        // After two nodes were shown, the victim may hold the other history and refuse this one.
        let convicted = self.split.contains(&to);
        if up && notices.is_none() && !convicted {
            self.fail(format!("{} refused all of a forged log", self.name(to)));
        }
        Ok((up && notices.is_some(), notices.unwrap_or_default()))
    }

    fn nonce(&self) -> [u8; 16] {
        let mut nonce = [0; 16];
        self.chance.fill(&mut nonce);
        nonce
    }

    fn two_acts(&mut self, to: usize, ring: Ring) -> Result<()> {
        let (mut forge, nonce, now) = (self.forge(to, ring)?, self.nonce(), self.now);
        let acts = [forge.request(nonce, "one thing")?, forge.request(nonce, "another thing")?];
        let apart = self.chance.chance(50);
        let mut shown = true;
        let [first, second] = acts;
        if apart {
            forge.commit(vec![first], now)?;
            shown &= self.show(&forge, to, ring)?.0;
            forge.commit(vec![second], now)?;
        } else {
            forge.commit(vec![first, second], now)?;
        }
        // A forger gives nothing back: a victim that lost something waits for that first.
        let whole = self.seats[to].restores == 0;
        if shown && self.awake(to) && self.show(&forge, to, ring)?.0 && whole {
            self.shown.push((to, Trouble::TwoActs));
        }
        self.forges.insert((to, ring), forge);
        Ok(())
    }

    /// Poison between two good acts: refused in the victim's log, and the channel goes on.
    fn poison(&mut self, to: usize, ring: Ring, poison: Trouble) -> Result<()> {
        let (mut forge, now) = (self.forge(to, ring)?, self.now);
        let third = self.seats[1 - to].party.id;
        let before = forge.request(self.nonce(), "before")?;
        let bad = forge.poison(self.nonce(), poison, third)?;
        let after = forge.request(self.nonce(), "after")?;
        let entries = [&bad, &after].map(|act| Entry::of(&act.statement));
        forge.commit(vec![before, bad, after], now)?;
        let (taken, notices) = self.show(&forge, to, ring)?;
        if taken {
            let refused = notices
                .iter()
                .any(|n| matches!(n, Notice::Refused { entry, .. } if *entry == entries[0]));
            let went_on = notices
                .iter()
                .any(|n| matches!(n, Notice::Act { entry, .. } if *entry == entries[1]));
            // REC-42: restored, and this peer has not named the new epoch: nothing is placed.
            if !refused && !went_on && self.over_epochs(to, ring) {
                self.forges.insert((to, ring), forge);
                return Ok(());
            }
            if !refused || !went_on {
                self.fail(format!("{}: refused {refused}, went on {went_on}", poison.name()));
            }
            self.poisoned.push((to, ring, entries[0]));
        }
        self.forges.insert((to, ring), forge);
        Ok(())
    }

    fn over_epochs(&self, to: usize, ring: Ring) -> bool {
        let hostile = self.seats[HOSTILE].party.id;
        self.seats[to].node.as_ref().is_some_and(|node| node.is_over_epochs(&hostile, ring))
    }

    fn seen_back(&mut self, to: usize, ring: Ring) -> Result<()> {
        let (mut forge, now) = (self.forge(to, ring)?, self.now);
        let seat = &self.seats[to];
        let row = channel_row(&seat.disk, &self.seats[HOSTILE].party.id, ring)?;
        let head = seat.disk.head_newest(row.number, Owner::Own)?;
        let head = Head::parse(&head.ok_or_else(|| Code::Internal.at("no head"))?)?;
        let much = Seen { size: head.size, root: head.root };
        let strange = Seen { size: head.size, root: [9; 32] };
        let mut acts = Vec::new();
        for seen in [much, nothing(), strange, much] {
            let nonce = self.nonce();
            let open = Some(Open { nonce, terms: [0; 32], stream: "cybercrime".into() });
            let said = Said { kind: "request", seq: 1, prev: None, seen, open };
            acts.push(forge.say(&nonce, said, "what I saw")?);
        }
        forge.commit(acts, now)?;
        self.show(&forge, to, ring)?;
        self.forges.insert((to, ring), forge);
        Ok(())
    }

    /// A matter that is withdrawn and then goes on: every later act is void, or held if its kind is
    /// unknown, and stays receipted.
    fn not_allowed(&mut self, to: usize, ring: Ring) -> Result<()> {
        let (mut forge, nonce, now) = (self.forge(to, ring)?, self.nonce(), self.now);
        let mut acts = vec![forge.request(nonce, "opens")?];
        let kinds = ["withdraw", "remind", "answer", "overrule", "request"];
        for (seq, kind) in (2..).zip(kinds) {
            let prev = acts.last().map(|act| Entry::of(&act.statement));
            let said = Said { kind, seq, prev, seen: nothing(), open: None };
            acts.push(forge.say(&nonce, said, "goes on")?);
        }
        forge.commit(acts, now)?;
        self.show(&forge, to, ring)?;
        self.forges.insert((to, ring), forge);
        Ok(())
    }

    /// The second act of a matter first, sometimes with a false sight, sometimes with a restart of
    /// the victim before the first one comes.
    fn gap(&mut self, to: usize, ring: Ring) -> Result<()> {
        let (mut forge, nonce, now) = (self.forge(to, ring)?, self.nonce(), self.now);
        let first = forge.request(nonce, "first")?;
        let prev = Some(Entry::of(&first.statement));
        let mut seen = nothing();
        if self.chance.chance(40) {
            seen = Seen { size: 2, root: [9; 32] };
        }
        let said = Said { kind: "remind", seq: 2, prev, seen, open: None };
        let second = forge.say(&nonce, said, "second")?;
        forge.commit(vec![second], now)?;
        let (taken, _) = self.show(&forge, to, ring)?;
        if taken && self.chance.chance(50) {
            self.tell("restarts the victim");
            self.seats[to].node = None;
            self.wake(to);
        }
        forge.commit(vec![first], now)?;
        if taken && self.awake(to) {
            self.show(&forge, to, ring)?;
        }
        self.forges.insert((to, ring), forge);
        Ok(())
    }

    /// A head whose root its leaves do not give. Nothing of it may stay.
    fn wrong_root(&mut self, to: usize, ring: Ring) -> Result<()> {
        let fresh = !self.forges.contains_key(&(to, ring));
        let mut forge = self.forge(to, ring)?;
        let mut contents = forge.contents(&self.seats[to].disk)?;
        let (size, nonce) = (forge.size(), self.nonce());
        let act = forge.request(nonce, "under a wrong root")?;
        contents.entries.push(Entry::of(&act.statement));
        contents.acts.push(act);
        let time = self.now.max(contents.heads.last().map_or(0, |head| head.time)) + 86_400 * 90;
        contents.heads.push(forge.head((size, size + 1), [9; 32], time)?);
        let bytes = forge.seal(&contents, &self.seats[to].party)?;
        self.must_refuse(to, ring, bytes, Trouble::WrongRoot);
        if !fresh {
            self.forges.insert((to, ring), forge);
        } else {
            // Its node goes on as if nothing had been.
            forge.commit(Vec::new(), 0).ok();
        }
        Ok(())
    }

    fn must_refuse(&mut self, to: usize, ring: Ring, bytes: Vec<u8>, trouble: Trouble) {
        if self.hand(&self.mail(to, ring, bytes)).is_some() {
            self.fail(format!("{} took a parcel with {}", self.name(to), trouble.name()));
        }
        let victim = self.seats[to].party.id;
        if let Some(node) = self.seats[HOSTILE].node.as_mut() {
            let _ = node.lost(&victim, ring);
        }
    }

    fn not_in_head(&mut self, to: usize, ring: Ring) -> Result<()> {
        let Some(bytes) = self.outgoing(HOSTILE, to, ring, true) else { return Ok(()) };
        let (me, victim) = (&self.seats[HOSTILE].party, &self.seats[to].party);
        let forge = Forge::over(&self.seats[HOSTILE].disk, me, victim.id, ring)?;
        let loose = forge.request(self.nonce(), "in no log")?;
        let bytes = tamper(&bytes, me, victim, ring, |contents| contents.acts.push(loose))?;
        let held = |world: &World| {
            let row = channel_row(&world.seats[to].disk, &world.seats[HOSTILE].party.id, ring)?;
            world.seats[to].disk.size(row.number, Owner::Own)
        };
        let before = held(self)?;
        // Leaves of it may be missing: then it is asked for them, and nothing is looked at yet.
        if self.hand(&self.mail(to, ring, bytes)).is_some() && held(self)? != before {
            let trouble = Trouble::NotInHead.name();
            self.fail(format!("{} took a parcel with {trouble}", self.name(to)));
        }
        let victim = self.seats[to].party.id;
        match self.seats[HOSTILE].node.as_mut() {
            Some(node) => node.lost(&victim, ring),
            None => Ok(()),
        }
    }

    /// New acts beside a cosignature on a head that the victim never signed.
    fn false_cosignature(&mut self, to: usize, ring: Ring) -> Result<()> {
        let victim = self.seats[to].party.id;
        let Some(node) = self.seats[HOSTILE].node.as_mut() else { return Ok(()) };
        node.submit(request(victim, ring))?;
        node.ledger()?;
        let Some(bytes) = self.outgoing(HOSTILE, to, ring, true) else { return Ok(()) };
        let (me, other) = (&self.seats[HOSTILE].party, &self.seats[to].party);
        let row = channel_row(&self.seats[to].disk, &me.id, ring)?;
        let log = LogId { channel: row.channel, owner: victim, epoch: 1 };
        let point = (self.seats[to].disk.size(row.number, Owner::Own)?, [9; 32]);
        let cosignature = Cosignature::sign(&log, point, &me.id, self.now, ring, me.keys.as_ref())?;
        let bytes = tamper(&bytes, me, other, ring, |contents| {
            contents.cosignature = Some(cosignature);
        })?;
        // Whether it is taken without the cosignature or refused whole is the receiver's choice;
        // the oracle sees that nothing half-taken stays.
        self.hand(&self.mail(to, ring, bytes));
        let Some(node) = self.seats[HOSTILE].node.as_mut() else { return Ok(()) };
        node.lost(&victim, ring)
    }
}
