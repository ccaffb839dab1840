//! Secrets that authenticate a connection: the transport key in force, and those before it, by
//! which a peer that has not heard of a rotation still knows us. Decision 0019.

use crate::keyfile::OlderTransport;
use crate::token::Token;
use counterpart_record::fault::{Code, Result};
use counterpart_record::id::Kid;
use counterpart_record::key::{Algorithm, SigningKey, VerifyKey};
use counterpart_record::keys::{Keys, Ring, Role};
use std::sync::Arc;

/// One of them. The secret itself stays where it is.
pub trait Secret: Send + Sync {
    /// The public half.
    fn public(&self) -> &VerifyKey;
    /// Signs a handshake.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>>;
}

/// The transport key of one ring that is in force.
pub struct InForce {
    keys: Arc<dyn Keys>,
    ring: Ring,
}

impl InForce {
    /// Of a node's keys.
    pub fn new(keys: Arc<dyn Keys>, ring: Ring) -> InForce {
        InForce { keys, ring }
    }
}

impl Secret for InForce {
    fn public(&self) -> &VerifyKey {
        self.keys.public(self.ring).key(Role::Transport)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.keys.sign(self.ring, Role::Transport, message)
    }
}

/// One of before, in memory.
struct Soft(SigningKey);

impl Secret for Soft {
    fn public(&self) -> &VerifyKey {
        self.0.public()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.0.sign(message)
    }
}

/// One of before, on the token.
struct OnToken {
    token: Arc<Token>,
    public: VerifyKey,
    kid: Kid,
}

impl Secret for OnToken {
    fn public(&self) -> &VerifyKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signature = self.token.sign(&self.kid, message)?;
        let good = self.public.verify(message, &signature);
        good.map_err(|_| Code::TokenUnfit.at("a signature that does not verify"))?;
        Ok(signature)
    }
}

/// The public half of one of before. No token is asked for it.
pub fn public(older: &OlderTransport) -> Result<VerifyKey> {
    if older.on_token {
        return VerifyKey::new(Algorithm::Ed25519, &older.key[..]);
    }
    Ok(SigningKey::from_seed(Algorithm::Ed25519, &older.key)?.public().clone())
}

/// What a key file holds of before. One that lies on a token which the settings no longer name is
/// of no use, and left out.
pub fn older(held: &[OlderTransport], token: Option<&Arc<Token>>) -> Result<Vec<Arc<dyn Secret>>> {
    let mut secrets: Vec<Arc<dyn Secret>> = Vec::new();
    for one in held {
        match (one.on_token, token) {
            (false, _) => {
                let key = SigningKey::from_seed(Algorithm::Ed25519, &one.key)?;
                secrets.push(Arc::new(Soft(key)));
            }
            (true, Some(token)) => {
                let public = public(one)?;
                let kid = public.thumbprint();
                secrets.push(Arc::new(OnToken { token: token.clone(), public, kid }));
            }
            (true, None) => {}
        }
    }
    Ok(secrets)
}
