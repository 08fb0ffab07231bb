//! The least of an HTTP client, so that the cores are the server's and the database's.

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection that is kept.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("connected");
        stream.set_nodelay(true).expect("set");
        Self { stream, buffer: Vec::new() }
    }

    /// Sends and reads the whole answer.
    pub async fn post(&mut self, path: &str, session: &str, body: &Json) -> (u16, Json) {
        self.send(path, session, body).await;
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break self.buffer.drain(..end + 4).collect::<Vec<_>>();
            }
            self.more().await;
        };
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        let length = length.expect("a length");
        while self.buffer.len() < length {
            self.more().await;
        }
        let body: Vec<u8> = self.buffer.drain(..length).collect();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Sends, and waits for the head of an answer that does not end.
    pub async fn start(&mut self, path: &str, session: &str, body: &Json) {
        self.send(path, session, body).await;
        self.line_with("\r\n\r\n").await;
    }

    /// Reads until `text` has come, and forgets what was read.
    pub async fn line_with(&mut self, text: &str) {
        while find(&self.buffer, text.as_bytes()).is_none() {
            self.more().await;
        }
        self.buffer.clear();
    }

    async fn send(&mut self, path: &str, session: &str, body: &Json) {
        let body = body.to_string();
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: inlay\r\ncontent-type: application/json\r\nauthorization: Bearer {session}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(text.as_bytes()).await.expect("sent");
    }

    async fn more(&mut self) {
        assert!(self.stream.read_buf(&mut self.buffer).await.expect("read") > 0, "the server hung up");
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
