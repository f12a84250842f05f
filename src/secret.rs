//! Passwords and keys: usable where they are needed, and never printed.

use std::fmt;
use std::sync::Arc;

/// A secret that shows nothing of itself when printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself: only for the server that asks for it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret comes from, looked at each time that it is needed: one that was changed is taken without a restart.
#[derive(Clone)]
pub struct Password(Arc<dyn Fn() -> Result<Secret, String> + Send + Sync>);

impl Password {
    /// A secret that `fetch` brings, or why it cannot, without any part of it. It may take its time.
    pub fn new(fetch: impl Fn() -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fetch))
    }

    /// The secret as it is now.
    ///
    /// # Errors
    /// Why it cannot be had, in words that hold nothing of it.
    pub async fn fetch(&self) -> Result<Secret, String> {
        let fetch = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || fetch()).await.map_err(|error| error.to_string())?
    }
}

impl From<Secret> for Password {
    /// A secret that never changes.
    fn from(secret: Secret) -> Self {
        Self::new(move || Ok(secret.clone()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
