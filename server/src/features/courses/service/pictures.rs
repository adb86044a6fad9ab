//! Pictures of lessons.

use domain::actor::Actor;
use domain::courses::{LessonId, PictureId, policy};
use domain::invalid::Invalid;

use super::super::{Service, store};
use crate::error::{Error, Result};

/// The largest picture, in bytes.
pub const MAX_PICTURE: usize = 2 * 1024 * 1024;
/// The largest width and height, so that no small file becomes gigabytes in a browser.
const MAX_SIDE: u32 = 8_000;

/// What a picture's own first bytes say it is; names and types that a browser claims are not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    content_type: &'static str,
    width: u32,
    height: u32,
}

impl Service {
    /// Adds a picture to a lesson of the caller's course.
    pub async fn add_picture(&self, actor: &Actor, lesson: LessonId, bytes: Vec<u8>) -> Result<PictureId> {
        let refused = |code: &str| Error::from(Invalid::field("picture", code));
        if bytes.len() > MAX_PICTURE {
            return Err(Invalid::with("picture", "picture_too_large", &[&(MAX_PICTURE / 1024 / 1024)]).into());
        }
        let header = header(&bytes).ok_or_else(|| refused("picture_type"))?;
        let sides = 1..=MAX_SIDE;
        if !sides.contains(&header.width) || !sides.contains(&header.height) {
            return Err(Invalid::with("picture", "picture_sides", &[&MAX_SIDE]).into());
        }
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let picture =
            store::Picture { id: self.kit.id(), lesson, content_type: header.content_type.to_owned() };
        // The right comes first: nobody else may fill the data folder.
        let mut tx = self.kit.db.begin().await?;
        self.own_lesson(&mut tx, actor, lesson).await?;
        drop(tx);
        self.kit.files.put(picture.id.0, bytes).await?;
        let mut tx = self.kit.db.begin().await?;
        self.own_lesson(&mut tx, actor, lesson).await?;
        store::add_picture(&mut tx, &picture, size, self.kit.now()).await?;
        tx.commit().await?;
        Ok(picture.id)
    }

    /// The type and bytes of a picture for somebody who may read its lesson; nowhere for anybody else.
    pub async fn picture(&self, viewer: Option<&Actor>, id: PictureId) -> Result<(String, Vec<u8>)> {
        let picture = self.may_see_picture(viewer, id).await?;
        Ok((picture.content_type, self.kit.files.get(id.0).await?))
    }

    /// A picture, where somebody may read its lesson now.
    pub(in super::super) async fn may_see_picture(
        &self,
        viewer: Option<&Actor>,
        id: PictureId,
    ) -> Result<store::Picture> {
        let db = &self.kit.db;
        let picture = store::picture(db, id).await?.ok_or_else(Error::not_found)?;
        let lesson = store::lesson(db, picture.lesson).await?.ok_or_else(Error::not_found)?;
        let course = store::course(db, lesson.head.course).await?.ok_or_else(Error::not_found)?;
        let learns = self.learns(viewer, &course).await?;
        policy::may_read(viewer, &course.facts(), learns, lesson.head.preview)
            .map_err(|_| Error::not_found())?;
        Ok(picture)
    }
}

fn header(bytes: &[u8]) -> Option<Header> {
    png(bytes).or_else(|| gif(bytes)).or_else(|| webp(bytes)).or_else(|| jpeg(bytes))
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at + length)?.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at + length)?.iter().rev().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}

fn png(bytes: &[u8]) -> Option<Header> {
    let fits = bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16)? == b"IHDR";
    fits.then_some(Header {
        content_type: "image/png",
        width: big(bytes, 16, 4)?,
        height: big(bytes, 20, 4)?,
    })
}

fn gif(bytes: &[u8]) -> Option<Header> {
    let fits = bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a");
    fits.then_some(Header {
        content_type: "image/gif",
        width: little(bytes, 6, 2)?,
        height: little(bytes, 8, 2)?,
    })
}

fn webp(bytes: &[u8]) -> Option<Header> {
    if !bytes.starts_with(b"RIFF") || bytes.get(8..12)? != b"WEBP" {
        return None;
    }
    let (width, height) = match bytes.get(12..16)? {
        b"VP8X" => (little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1),
        b"VP8L" if bytes.get(20)? == &0x2f => {
            let packed = little(bytes, 21, 4)?;
            ((packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1)
        }
        b"VP8 " if bytes.get(23..26)? == b"\x9d\x01\x2a" => {
            (little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)
        }
        _ => return None,
    };
    Some(Header { content_type: "image/webp", width, height })
}

fn jpeg(bytes: &[u8]) -> Option<Header> {
    if !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return None;
    }
    let mut at = 2_usize;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xff => at += 1,
            // The frame headers hold the size of the picture.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let (height, width) = (big(bytes, at + 5, 2)?, big(bytes, at + 7, 2)?);
                return Some(Header { content_type: "image/jpeg", width, height });
            }
            0xd8 | 0x01 | 0xd0..=0xd7 => at += 2,
            _ => at += 2 + usize::try_from(big(bytes, at + 2, 2)?.max(2)).ok()?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pictures_are_known_by_their_own_bytes() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0, 4, 0, 0, 0, 3, 8, 6, 0, 0, 0]);
        assert_eq!(header(&png), Some(Header { content_type: "image/png", width: 4, height: 3 }));
        let gif = b"GIF89a\x02\x00\x01\x00".to_vec();
        assert_eq!(header(&gif), Some(Header { content_type: "image/gif", width: 2, height: 1 }));
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8, 0, 5, 0, 6, 1];
        assert_eq!(header(&jpeg), Some(Header { content_type: "image/jpeg", width: 6, height: 5 }));
        for bad in [&b"<svg onload=alert(1)>"[..], b"<html>", b"", b"\x89PNG", b"%PDF-1.4", b"GIF89"] {
            assert_eq!(header(bad), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_confuse_the_reader(start in 0_usize..5, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let starts: [&[u8]; 5] = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"GIF89a"];
            let _ = header(&[starts[start], &bytes].concat());
        }
    }
}
