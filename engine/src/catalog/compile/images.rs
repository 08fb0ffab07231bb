//! Pictures from files beside the workbook: read when it is loaded, and served under a name that tells nobody anything.

use std::io::ErrorKind;

use model::file;
use sha2::{Digest, Sha256};

use super::{Compiler, below};
use crate::catalog::MOST_PICTURE;
use crate::catalog::document::Step;
use crate::catalog::{Kind, Picture};

impl Compiler<'_> {
    pub(super) fn image(&mut self, at: &[Step], x: &file::Image) -> Option<Kind> {
        let at = below(at, "file");
        let bytes = self.beside(&at, &x.file, MOST_PICTURE)?;
        let Some((ty, ending)) = kind(&bytes) else {
            self.mistake(&at, format!("`{}` is not a PNG, JPEG, GIF, WebP or SVG file", x.file));
            return None;
        };
        let picture = format!("{}.{ending}", hex::encode(&Sha256::digest(&bytes)[..16]));
        self.pictures.insert(picture.clone(), Picture { ty, bytes: bytes.into() });
        Some(Kind::Image { picture, alt: x.alt.clone() })
    }

    /// What is in a file beside the workbook, which has `most` bytes at most.
    pub(super) fn beside(&mut self, at: &[Step], file: &str, most: usize) -> Option<Vec<u8>> {
        if file.is_empty() || file.starts_with('.') || file.contains(['/', '\\']) {
            self.mistake(at, "this is the name of a file beside the workbook");
            return None;
        }
        let read = self.store.beside(file, most);
        let bytes = read.map_err(|error| self.mistake(at, unread(file, &error))).ok()?;
        if bytes.len() > most {
            self.mistake(at, format!("`{file}` has more than {} KiB", most / 1024));
            return None;
        }
        Some(bytes)
    }
}

fn unread(file: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("there is no file `{file}` beside the workbook"),
        _ => format!("`{file}` can't be read: {error}"),
    }
}

/// The media type and the ending of a picture, by what is in it.
fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match bytes {
        [0x89, b'P', b'N', b'G', ..] => ("image/png", "png"),
        [0xff, 0xd8, 0xff, ..] => ("image/jpeg", "jpg"),
        [b'G', b'I', b'F', b'8', ..] => ("image/gif", "gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => ("image/webp", "webp"),
        _ => {
            let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
            let drawing = text.starts_with("<svg") || text.starts_with("<?xml") && text.contains("<svg");
            drawing.then_some(("image/svg+xml", "svg"))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_what_is_in_it() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n"), Some(("image/png", "png")));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some(("image/jpeg", "jpg")));
        assert_eq!(kind(b"GIF89a"), Some(("image/gif", "gif")));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 "), Some(("image/webp", "webp")));
        assert_eq!(kind("\u{feff}<?xml version=\"1.0\"?>\n<svg/>".as_bytes()), Some(("image/svg+xml", "svg")));
        for other in [&b"<html><svg/></html>"[..], b"", b"\x89PN", b"RIFF\0\0\0\0WAVE", b"\xff\xfe<svg"] {
            assert_eq!(kind(other), None, "{other:?}");
        }
    }
}
