//! What MSK does with what it is shown, and AWS's services with what they are asked, for tests: written from the public
//! description of signatures and not from the code that signs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::{digest, hmac};

/// The parameters of a signed request, by their names in lower case.
type Parameters = BTreeMap<String, String>;

/// A key that is let in, with its secret and session token.
pub(crate) const KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "marker/secret+key";
pub(crate) const TOKEN: &str = "session/token==";

/// Whether the payload of `AWS_MSK_IAM` lets in at a broker with this host, at this moment (`20261201T120000Z`).
pub(crate) fn lets_in(payload: &str, host: &str, region: &str) -> Result<(), String> {
    let parameters: Parameters = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let expected = [("version", "2020_10_22"), ("host", host)];
    for (name, value) in expected {
        if parameters.get(name).map(String::as_str) != Some(value) {
            return Err(format!("{name} is {:?}", parameters.get(name)));
        }
    }
    verify(&parameters, host, region)
}

/// The same for a token of OAUTHBEARER.
pub(crate) fn lets_in_by_token(token: &str, region: &str) -> Result<(), String> {
    let url = BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|error| error.to_string())?;
    let url = String::from_utf8(url).map_err(|error| error.to_string())?;
    let host = format!("kafka.{region}.amazonaws.com");
    let query = url
        .strip_prefix(&format!("https://{host}/?"))
        .ok_or("it is for another host")?;
    verify(&parameters_in(query), &host, region)
}

fn parameters_in(query: &str) -> Parameters {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_ascii_lowercase(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if let (b'%', Some(digits)) = (first, after.get(..2)) {
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn verify(parameters: &Parameters, host: &str, region: &str) -> Result<(), String> {
    const NAMES: [(&str, &str); 7] = [
        ("action", "Action"),
        ("x-amz-algorithm", "X-Amz-Algorithm"),
        ("x-amz-credential", "X-Amz-Credential"),
        ("x-amz-date", "X-Amz-Date"),
        ("x-amz-expires", "X-Amz-Expires"),
        ("x-amz-security-token", "X-Amz-Security-Token"),
        ("x-amz-signedheaders", "X-Amz-SignedHeaders"),
    ];
    let get = |name: &str| parameters.get(name).cloned().ok_or(format!("no {name}"));
    let (moment, credential) = (get("x-amz-date")?, get("x-amz-credential")?);
    let day = &moment[..8];
    if credential != format!("{KEY}/{day}/{region}/kafka-cluster/aws4_request") {
        return Err(format!("credential {credential}"));
    }
    if get("action")? != "kafka-cluster:Connect"
        || get("x-amz-expires")? != "900"
        || get("x-amz-security-token")? != TOKEN
    {
        return Err("another action, lifetime or session".to_owned());
    }
    let query: Vec<String> = NAMES
        .iter()
        .filter_map(|(lower, name)| Some(format!("{name}={}", escaped(parameters.get(*lower)?))))
        .collect();
    let nothing = digest::digest(&digest::SHA256, b"");
    let canonical = format!(
        "GET\n/\n{}\nhost:{host}\n\nhost\n{}",
        query.join("&"),
        hex(nothing.as_ref())
    );
    let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("AWS4-HMAC-SHA256\n{moment}\n{day}/{region}/kafka-cluster/aws4_request\n{hashed}");
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in [day, region, "kafka-cluster", "aws4_request", &to_sign] {
        key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes())
            .as_ref()
            .to_vec();
    }
    if hex(&key) == get("x-amz-signature")? {
        Ok(())
    } else {
        Err("another signature".to_owned())
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// A server on loopback that answers each request with what a function says, and keeps them.
pub(crate) struct StandInService {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl StandInService {
    /// `answer` is told the request: its first line, headers and body.
    pub(crate) fn start(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = request_on(&stream);
                let (status, body) = answer(&request);
                kept.lock().unwrap().push(request);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { url, asked }
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn request_on(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
            break;
        }
        if let Some(stated) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = stated.trim().parse().unwrap();
        }
        request.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request + "\n" + &String::from_utf8(body).unwrap()
}
