//! Keys on a token (PKCS#11 v2.40 and later): the Ed25519 halves of a node's keys are made there
//! and never leave it; what no token can do yet, ML-DSA and X-Wing, stays in the sealed key file.
//! Every head needs both halves and every statement the one on the token, so that whoever copies
//! the folder signs nothing. Decision 0015. The only place that names the library.
//!
//! A token may be pulled out at any moment. Nothing is half done without it: who is about to sign
//! asks [`Keys::ready`] first, and the next try opens the token anew.

use crate::keyfile::NodeSeeds;
use counterpart_record::fault::{Code, Fault, Result};
use counterpart_record::id::Kid;
use counterpart_record::key::{Algorithm, SigningKey, VerifyKey};
use counterpart_record::keys::{Keys, PublicRing, Ring, Role, open_with, seal_kid};
use counterpart_record::seal::{self, Sealed};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// The roles whose keys lie on a token: Ed25519, in the order of [`Role::ALL`].
pub const ROLES: [Role; 4] = [Role::Statement, Role::Log, Role::Cosign, Role::Transport];

/// Where a token is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The PKCS#11 module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
}

/// Where the PIN comes from when it is needed.
pub type AskPin = dyn Fn() -> Result<Zeroizing<String>> + Send + Sync;

/// A token, open or not.
pub struct Token {
    place: Place,
    ask: Box<AskPin>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    handles: HashMap<Kid, ObjectHandle>,
    /// The module is to be started anew: what it knows of the token is from before.
    stale: bool,
    /// Held as long as the process runs, so that a token that comes back is opened again.
    pin: Option<Zeroizing<String>>,
}

/// What a token says of itself, without a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its label and serial number.
    pub name: String,
    /// A wrong PIN was entered since the last right one.
    pub tries_low: bool,
    /// One more wrong PIN locks it, or it is locked.
    pub last_try: bool,
}

impl Token {
    /// A token that is opened when it is first needed; only then `ask` is asked for the PIN.
    pub fn new(place: Place, ask: Box<AskPin>) -> Token {
        Token { place, ask, state: Mutex::new(State::default()) }
    }

    /// Looks whether the token is there and can do what is needed. [`Code::TokenAbsent`],
    /// [`Code::TokenUnfit`].
    pub fn look(&self) -> Result<Seen> {
        let held = self.state();
        let (context, slot) = self.find(held.stale)?;
        let info = context.get_token_info(slot).map_err(|error| self.absent(&error))?;
        let known = context.get_mechanism_list(slot).map_err(|error| self.absent(&error))?;
        for (mechanism, name) in [
            (MechanismType::EDDSA, "CKM_EDDSA"),
            (MechanismType::ECC_EDWARDS_KEY_PAIR_GEN, "CKM_EC_EDWARDS_KEY_PAIR_GEN"),
        ] {
            if !known.contains(&mechanism) {
                return Err(Code::TokenUnfit.at(format!("{}: no {name}", self.place.label)));
            }
        }
        Ok(Seen {
            name: format!("{} {}", info.label(), info.serial_number()),
            tries_low: info.user_pin_count_low(),
            last_try: info.user_pin_final_try() || info.user_pin_locked(),
        })
    }

    /// Makes a key pair that cannot be taken out, and returns the public key. `label` is what other
    /// programs show of it.
    pub fn generate(&self, label: &str) -> Result<VerifyKey> {
        let mut state = self.open()?;
        let session = state.session.as_ref().ok_or_else(|| Code::Internal.at("token session"))?;
        let (public, private) = generate(session, label).map_err(|error| self.refused(&error))?;
        let named = || -> std::result::Result<VerifyKey, Error> {
            let found = session.get_attributes(public, &[AttributeType::EcPoint])?;
            let point = found.into_iter().find_map(|attribute| match attribute {
                Attribute::EcPoint(point) => Some(point),
                _ => None,
            });
            let key = point.as_deref().and_then(raw).ok_or(Error::InvalidValue)?;
            let id = Attribute::Id(key.thumbprint().0.to_vec());
            session.update_attributes(private, std::slice::from_ref(&id))?;
            session.update_attributes(public, &[id])?;
            Ok(key)
        };
        let key = named().map_err(|error| {
            let _ = session.destroy_object(private);
            let _ = session.destroy_object(public);
            self.refused(&error)
        })?;
        state.handles.insert(key.thumbprint(), private);
        Ok(key)
    }

    /// Destroys a key pair; what is not there is no fault.
    pub fn destroy(&self, kid: &Kid) -> Result<()> {
        let mut state = self.open()?;
        state.handles.remove(kid);
        let session = state.session.as_ref().ok_or_else(|| Code::Internal.at("token session"))?;
        let found = session.find_objects(&[Attribute::Id(kid.0.to_vec())]);
        for object in found.map_err(|error| self.refused(&error))? {
            session.destroy_object(object).map_err(|error| self.refused(&error))?;
        }
        Ok(())
    }

    /// Signs with the key pair of this thumbprint.
    pub fn sign(&self, kid: &Kid, message: &[u8]) -> Result<Vec<u8>> {
        let mut tried = false;
        loop {
            let mut state = self.open()?;
            let signed = self.handle(&mut state, kid).and_then(|handle| {
                let session = state.session.as_ref();
                let session = session.ok_or_else(|| Code::Internal.at("token session"))?;
                let how = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
                session.sign(&how, handle, message).map_err(|error| self.absent(&error))
            });
            match signed {
                Ok(signature) => return Ok(signature),
                // It may have been out and in again: opened anew, once.
                Err(fault) => {
                    close(&mut state);
                    if tried {
                        return Err(fault);
                    }
                    tried = true;
                }
            }
        }
    }

    fn handle(&self, state: &mut State, kid: &Kid) -> Result<ObjectHandle> {
        if let Some(handle) = state.handles.get(kid) {
            return Ok(*handle);
        }
        let session = state.session.as_ref().ok_or_else(|| Code::Internal.at("token session"))?;
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(kid.0.to_vec())];
        let found = session.find_objects(&wanted).map_err(|error| self.absent(&error))?;
        let handle = found.first().copied();
        let missing = || Code::TokenAbsent.at(format!("{}: key {}", self.place.label, kid.short()));
        let handle = handle.ok_or_else(missing)?;
        state.handles.insert(*kid, handle);
        Ok(handle)
    }

    /// Whether the token is there and open: cheap, since it is asked before every batch.
    fn ready(&self, kid: &Kid) -> Result<()> {
        let mut tried = false;
        loop {
            let mut state = self.open()?;
            // The object itself is asked for: a session outlives the token in some modules.
            let handle = self.handle(&mut state, kid);
            let there = handle.and_then(|handle| {
                let session = state.session.as_ref();
                let session = session.ok_or_else(|| Code::Internal.at("token session"))?;
                let asked = session.get_attributes(handle, &[AttributeType::Id]);
                asked.map(|_| ()).map_err(|error| self.absent(&error))
            });
            match there {
                Ok(()) => return Ok(()),
                Err(fault) => {
                    close(&mut state);
                    if tried {
                        return Err(fault);
                    }
                    tried = true;
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state with a session in which the user is logged in.
    fn open(&self) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        if state.session.is_some() {
            return Ok(state);
        }
        let (context, slot) = self.find(state.stale)?;
        let info = context.get_token_info(slot).map_err(|error| self.absent(&error))?;
        // A service that starts again by itself must not be what locks a token.
        if info.user_pin_final_try() || info.user_pin_locked() {
            return Err(Code::PinWrong.at(format!("{}: the last try is left alone", info.label())));
        }
        if state.pin.is_none() {
            state.pin = Some((self.ask)()?);
        }
        let session = context.open_rw_session(slot).map_err(|error| self.absent(&error))?;
        let pin = state.pin.as_ref().map(|pin| AuthPin::new(pin.as_str().into()));
        match session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => {
                state.pin = None;
                return Err(self.refused(&error));
            }
        }
        state.session = Some(session);
        state.stale = false;
        state.handles.clear();
        Ok(state)
    }

    /// The slot that holds the token now. A module may have to be started anew to see one that
    /// came back.
    fn find(&self, stale: bool) -> Result<(Pkcs11, Slot)> {
        if !stale {
            let context = context(&self.place.module)?;
            if let Some(slot) = self.slot(&context) {
                return Ok((context, slot));
            }
        }
        let context = context_again(&self.place.module)?;
        let slot = self.slot(&context);
        let slot = slot.ok_or_else(|| Code::TokenAbsent.at(self.place.label.clone()))?;
        Ok((context, slot))
    }

    fn slot(&self, context: &Pkcs11) -> Option<Slot> {
        let slots = context.get_slots_with_token().ok()?;
        slots.into_iter().find(|slot| {
            context.get_token_info(*slot).is_ok_and(|info| info.label() == self.place.label)
        })
    }

    fn absent(&self, error: &Error) -> Fault {
        Code::TokenAbsent.at(format!("{}: {}", self.place.label, answered(error)))
    }

    fn refused(&self, error: &Error) -> Fault {
        let code = match error {
            Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
                _,
            )
            | Error::Pkcs11(RvError::PinLocked | RvError::PinExpired, _) => Code::PinWrong,
            Error::Pkcs11(RvError::MechanismInvalid | RvError::MechanismParamInvalid, _) => {
                Code::TokenUnfit
            }
            _ => Code::TokenAbsent,
        };
        code.at(format!("{}: {}", self.place.label, answered(error)))
    }
}

/// What a token answered, by the name that PKCS#11 has for it: the sentences of its library are
/// written for programmers.
fn answered(error: &Error) -> String {
    match error {
        Error::Pkcs11(answer, function) => format!("the token answers: {answer:?}, {function:?}"),
        other => other.to_string(),
    }
}

/// Forgets the session; dropping it logs out.
fn close(state: &mut State) {
    state.session = None;
    state.handles.clear();
    state.stale = true;
}

/// A module is started once in a process, whoever asks for it.
type Contexts = HashMap<PathBuf, Pkcs11>;

static CONTEXTS: Mutex<Option<Contexts>> = Mutex::new(None);

fn context(module: &Path) -> Result<Pkcs11> {
    let mut held = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let contexts = held.get_or_insert_default();
    if let Some(context) = contexts.get(module) {
        return Ok(context.clone());
    }
    let failed = |error: Error| Code::TokenAbsent.at(format!("{}: {error}", module.display()));
    let context = Pkcs11::new(module).map_err(failed)?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failed(error)),
    }
    contexts.insert(module.to_owned(), context.clone());
    Ok(context)
}

/// Starts a module anew: some see only the tokens that were there when they started.
fn context_again(module: &Path) -> Result<Pkcs11> {
    let mut held = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(context) = held.get_or_insert_default().remove(module) {
        // Whatever is still open in it is of a token that is gone.
        let _ = context.finalize();
    }
    drop(held);
    context(module)
}

type Pair = (ObjectHandle, ObjectHandle);

fn generate(session: &Session, label: &str) -> std::result::Result<Pair, Error> {
    let make = |curve: &[u8]| {
        let public = [
            Attribute::Token(true),
            Attribute::Verify(true),
            Attribute::EcParams(curve.to_vec()),
            Attribute::Label(label.into()),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Label(label.into()),
        ];
        session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)
    };
    // id-Ed25519 (RFC 8410); older modules know the curve by its name (PKCS#11 2.40 errata).
    make(&[0x06, 0x03, 0x2b, 0x65, 0x70]).or_else(|_| make(b"\x13\x0cedwards25519"))
}

/// A public key out of CKA_EC_POINT: an OCTET STRING, or bare.
fn raw(point: &[u8]) -> Option<VerifyKey> {
    let bytes = match point {
        [0x04, 0x20, bytes @ ..] if bytes.len() == 32 => bytes,
        bytes => bytes,
    };
    VerifyKey::new(Algorithm::Ed25519, bytes).ok()
}

/// A node's keys of which the Ed25519 halves lie on a token.
pub struct TokenKeys {
    /// None: the settings name no token any more, and a rotation will bring the keys back.
    token: Option<Arc<Token>>,
    rings: [TokenRing; 2],
}

struct TokenRing {
    public: PublicRing,
    /// ML-DSA, by role.
    signing: Vec<(Role, SigningKey)>,
    /// Newest first.
    sealing: Vec<(Kid, Zeroizing<[u8; 32]>)>,
}

impl TokenKeys {
    /// From what the key file holds. The token itself is asked for nothing yet.
    pub fn new(seeds: &NodeSeeds, token: Option<Arc<Token>>) -> Result<TokenKeys> {
        let public = seeds.public()?;
        let mut rings = Vec::new();
        for (public, seeds_of) in public.into_iter().zip(&seeds.rings) {
            let mut signing = Vec::new();
            for role in Role::ALL.into_iter().filter(|role| !ROLES.contains(role)) {
                let seed = Zeroizing::new(seeds_of[role as usize]);
                signing.push((role, SigningKey::from_seed(role.algorithm(), &seed)?));
            }
            let newest = Zeroizing::new(seeds_of[6]);
            let mut sealing = Vec::new();
            for seed in std::iter::once(&newest).chain(&seeds.older) {
                sealing.push((seal_kid(&seal::public_key(seed)?), seed.clone()));
            }
            rings.push(TokenRing { public, signing, sealing });
        }
        let rings = rings.try_into().map_err(|_| Code::Internal.at("rings"))?;
        Ok(TokenKeys { token, rings })
    }

    fn token(&self) -> Result<&Token> {
        let named = || Code::ConfigWrong.at("pkcs11: the keys lie on a token, and none is named");
        self.token.as_deref().ok_or_else(named)
    }

    fn ring(&self, ring: Ring) -> &TokenRing {
        &self.rings[ring as usize]
    }
}

impl Keys for TokenKeys {
    fn sign(&self, ring: Ring, role: Role, message: &[u8]) -> Result<Vec<u8>> {
        let of = self.ring(ring);
        if let Some((_, key)) = of.signing.iter().find(|(held, _)| *held == role) {
            return key.sign(message);
        }
        let key = of.public.key(role);
        let signature = self.token()?.sign(&key.thumbprint(), message)?;
        // A token that errs, or is made to, shall not put anything into a log.
        key.verify(message, &signature)
            .map_err(|_| Code::TokenUnfit.at("a signature that does not verify"))?;
        Ok(signature)
    }

    fn open(&self, ring: Ring, kid: &Kid, sealed: &Sealed<'_>) -> Result<Vec<u8>> {
        open_with(&self.ring(ring).sealing, kid, sealed)
    }

    fn public(&self, ring: Ring) -> &PublicRing {
        &self.ring(ring).public
    }

    fn ready(&self) -> Result<()> {
        self.token()?.ready(&self.ring(Ring::Live).public.key(Role::Statement).thumbprint())
    }
}
