//! A real Dovecot for one test: own configuration and certificate, free loopback ports, Maildir storage.
//!
//! It never runs as root: started by root, it is handed to `nobody`, for Dovecot serves no mail of root's. It ends when
//! the value is dropped.
#![allow(dead_code)] // Not every test file uses all of it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The password of every user. Not ASCII, as a real one may be.
pub const PASSWORD: &str = "geheim \"pass\" 合言葉";

const PROGRAM: &str = "/usr/sbin/dovecot";
const NOBODY: u32 = 65534;

/// A running Dovecot.
pub struct Dovecot {
    /// TLS from the first byte.
    pub port: u16,
    /// Plain until STARTTLS, without which no login is let in.
    pub starttls_port: u16,
    /// The server's own certificate as a PEM file, for `127.0.0.1` and `localhost`.
    pub cert: PathBuf,
    /// SHA-256 over the certificate.
    pub fingerprint: [u8; 32],
    /// All it writes: configuration, log, mails (`mail/USER`).
    pub dir: PathBuf,
    owner: Owner,
    server: Option<Child>,
    delivered: AtomicU32,
    _dir: tempfile::TempDir,
}

/// Whom the server runs as.
struct Owner {
    uid: u32,
    gid: u32,
    user: String,
    group: String,
    /// We are root and hand it over.
    hand_over: bool,
}

impl Owner {
    fn find(dir: &Path) -> Self {
        let data = fs::metadata(dir).unwrap();
        let (uid, gid) = if data.uid() == 0 { (NOBODY, NOBODY) } else { (data.uid(), data.gid()) };
        let name = |base: &str, id: u32| {
            let found = Command::new("getent").args([base, &id.to_string()]).output().unwrap();
            String::from_utf8(found.stdout).unwrap().split(':').next().unwrap().to_owned()
        };
        Self { uid, gid, user: name("passwd", uid), group: name("group", gid), hand_over: data.uid() == 0 }
    }

    fn give(&self, path: &Path) {
        if self.hand_over {
            chown(path, Some(self.uid), Some(self.gid)).unwrap();
        }
    }

    fn make_dir(&self, path: &Path) {
        if !path.exists() {
            fs::create_dir(path).unwrap();
            self.give(path);
        }
    }
}

impl Dovecot {
    /// Starts a server with these users; ready to be logged in to when this returns.
    pub fn start(users: &[&str]) -> Self {
        assert!(Path::new(PROGRAM).exists(), "no {PROGRAM}: apt-get install dovecot-imapd");
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path().to_path_buf();
        let owner = Owner::find(&dir);
        owner.give(&dir);

        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let cert = dir.join("cert.pem");
        fs::write(&cert, made.cert.pem()).unwrap();
        fs::write(dir.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let passwords: String = users.iter().map(|user| format!("{user}:{{PLAIN}}{PASSWORD}::::::\n")).collect();
        fs::write(dir.join("users"), passwords).unwrap();
        for name in ["mail", "home", "run", "state"] {
            owner.make_dir(&dir.join(name));
        }
        for user in users {
            owner.make_dir(&dir.join("home").join(user));
            let maildir = dir.join("mail").join(user);
            owner.make_dir(&maildir);
            for sub in ["new", "cur", "tmp"] {
                owner.make_dir(&maildir.join(sub));
            }
        }
        let [port, starttls_port] = free_ports();
        fs::write(dir.join("dovecot.conf"), configuration(&dir, &owner, port, starttls_port)).unwrap();
        for name in ["cert.pem", "key.pem", "users", "dovecot.conf"] {
            owner.give(&dir.join(name));
        }
        let mut dovecot = Self {
            port,
            starttls_port,
            cert,
            fingerprint: ringi::tls::fingerprint(made.cert.der()),
            dir,
            owner,
            server: None,
            delivered: AtomicU32::new(0),
            _dir: temporary,
        };
        dovecot.launch();
        dovecot
    }

    /// Stops the server; the mails stay.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SIGTERM to the master, so that it takes its children along.
        let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
        let end = Instant::now() + Duration::from_secs(5);
        while asked.is_ok() && Instant::now() < end {
            if matches!(server.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = server.kill();
        let _ = server.wait();
    }

    /// Starts the server again, on the same ports.
    pub fn launch(&mut self) {
        let mut command = Command::new(PROGRAM);
        command.arg("-F").arg("-c").arg(self.dir.join("dovecot.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(&self.dir);
        if self.owner.hand_over {
            command.uid(self.owner.uid).gid(self.owner.gid);
        }
        self.server = Some(command.spawn().unwrap());
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < end, "Dovecot does not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the server has to say of itself.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("dovecot.log")).unwrap_or_default()
    }

    /// Delivers a mail as an MDA does: written aside, then renamed into `new`.
    pub fn deliver(&self, user: &str, bytes: &[u8]) {
        let maildir = self.dir.join("mail").join(user);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let count = self.delivered.fetch_add(1, Ordering::Relaxed);
        // The sizes in the name, as dovecot-lda writes them: on disk, and with CRLF line ends.
        let bare =
            bytes.iter().enumerate().filter(|(at, b)| **b == b'\n' && (*at == 0 || bytes[at - 1] != b'\r')).count();
        let name = format!(
            "{}.M{}P{}Q{count}.localhost,S={},W={}",
            since.as_secs(),
            since.subsec_micros(),
            std::process::id(),
            bytes.len(),
            bytes.len() + bare
        );
        let aside = maildir.join("tmp").join(&name);
        fs::write(&aside, bytes).unwrap();
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o600)).unwrap();
        self.owner.give(&aside);
        fs::rename(aside, maildir.join("new").join(name)).unwrap();
    }

    /// The mails of a folder (`INBOX`, or its name in UTF-8 with `.` between levels), oldest first.
    pub fn folder(&self, user: &str, name: &str) -> Vec<Vec<u8>> {
        let maildir = self.dir.join("mail").join(user);
        let folder = match name {
            "INBOX" => maildir,
            _ => maildir.join(format!(".{}", ringi::mailbox::utf7::encode(name))),
        };
        let mut files: Vec<PathBuf> = ["new", "cur"]
            .iter()
            .filter_map(|sub| fs::read_dir(folder.join(sub)).ok())
            .flat_map(|dir| dir.map(|entry| entry.unwrap().path()))
            .collect();
        files.sort_by_key(|path| path.file_name().unwrap().to_owned());
        files.iter().filter_map(|path| fs::read(path).ok()).collect()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            eprintln!("Dovecot's log:\n{}", self.log());
        }
    }
}

/// Two ports that are free now.
fn free_ports() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

fn configuration(dir: &Path, owner: &Owner, port: u16, starttls_port: u16) -> String {
    let Owner { uid, gid, user, group, .. } = owner;
    let dir = dir.display();
    format!(
        "base_dir = {dir}/run
state_dir = {dir}/state
instance_name = ringi-{port}
log_path = {dir}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:{dir}/mail/%u
mail_fsync = never
mailbox_list_index = no
ssl = required
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = .
}}
"
    )
}
