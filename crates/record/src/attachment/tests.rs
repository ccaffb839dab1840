use super::*;
use proptest::prelude::*;

fn key() -> Key {
    Key::from_bytes([7; 32])
}

/// Two chunks of 64 KiB and one of 16 KiB that is padding for the most part.
fn three() -> Vec<u8> {
    (0..2 * CHUNK + 100).map(|i| (i % 251) as u8).collect()
}

fn code(root: &Hash, sealed: &[u8], key: &Key, told: (u64, Hash)) -> Code {
    open_all(root, sealed, key, told).unwrap_err().code
}

/// ATT-4, ATT-5, ATT-6.
#[test]
fn what_is_sealed_is_opened_whole_or_not_at_all() {
    let content = three();
    let (made, sealed) = seal_all(&key(), &content).unwrap();
    let told = (content.len() as u64, sha256(&[&content]));
    assert_eq!((made.digest, made.root), (told.1, sha256(&[&sealed[..3 * 32]])));
    let open = |bytes: &[u8]| code(&made.root, bytes, &key(), told);
    assert_eq!(open_all(&made.root, &sealed, &key(), told).unwrap(), content);
    let layout = Layout::of_sealed(sealed.len() as u64).unwrap();
    let part = |at: u64| {
        let range = layout.chunk(at);
        sealed[range.start as usize..range.end as usize].to_vec()
    };
    let list = &sealed[..layout.list() as usize];
    let longer = [&sealed[..], &[0; 16]].concat();
    let swapped = [list, &part(1), &part(0), &part(2)].concat();
    let doubled = [list, &part(0), &part(0), &part(2)].concat();
    for bad in [&sealed[..sealed.len() - 1], &sealed[..200], &longer, &swapped, &doubled, &[]] {
        assert_eq!(open(bad), Code::AttachmentWrong);
    }
    for at in [0, 40, 96, 97, 70_000, sealed.len() - 1] {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        assert_eq!(open(&bad), Code::AttachmentWrong, "byte {at}");
    }
    assert_eq!(code(&made.root, &sealed, &Key::from_bytes([8; 32]), told), Code::AttachmentWrong);
    for told in [(told.0 - 1, told.1), (told.0 + 1, told.1), (told.0, [0; 32]), (1, told.1)] {
        assert_eq!(code(&made.root, &sealed, &key(), told), Code::AttachmentWrong, "{told:?}");
    }
}

/// Whoever has the key and signs another list still cannot move, cut or mark chunks: that is what
/// the nonce is for.
#[test]
fn the_order_and_the_end_are_sealed_and_not_only_listed() {
    let content = vec![3; 2 * CHUNK];
    let (_, sealed) = seal_all(&key(), &content).unwrap();
    let layout = Layout::of_sealed(sealed.len() as u64).unwrap();
    let part = |at: u64| {
        let range = layout.chunk(at);
        sealed[range.start as usize..range.end as usize].to_vec()
    };
    let listed = |parts: &[Vec<u8>]| {
        let list: Vec<u8> = parts.iter().flat_map(|part| sha256(&[part])).collect();
        (sha256(&[&list]), [list, parts.concat()].concat())
    };
    let refuse = |parts: &[Vec<u8>], bytes: &[u8]| {
        let (root, sealed) = listed(parts);
        let told = (bytes.len() as u64, sha256(&[bytes]));
        let fault = open_all(&root, &sealed, &key(), told).unwrap_err();
        assert!(fault.at.starts_with("the seal of chunk"), "{fault}");
    };
    refuse(&[part(1), part(0)], &content);
    // The first chunk is not the last one, whatever a shorter list says.
    refuse(&[part(0)], &content[..CHUNK]);
}

/// Padding is part of what is sealed: it can carry nothing beside the content.
#[test]
fn padding_that_says_something_is_refused() {
    let (layout, cipher) = (Layout::of_content(10).unwrap(), key().cipher().unwrap());
    let mut plain = vec![0; 1024];
    plain[1000] = 1;
    cipher.seal_in_place_append_tag(nonce(0, true), Aad::from(CONTEXT), &mut plain).unwrap();
    let list = sha256(&[&plain]);
    let root = sha256(&[&list]);
    let chunks = Chunks::parse(&root, layout, &list).unwrap();
    let mut opener = Opener::new(&key(), chunks, 10, sha256(&[&[0; 10]])).unwrap();
    assert_eq!(opener.open(plain).unwrap_err().at, "padding is not zeros");
}

/// ATT-2, ATT-3.
#[test]
fn sizes_have_limits_and_one_reading() {
    let most = limits::ATTACHMENT_BYTES;
    for (bytes, fits) in [(0, false), (1, true), (most - 1, true), (most, true), (most + 1, false)]
    {
        let layout = Layout::of_content(bytes);
        assert_eq!(layout.is_ok(), fits, "{bytes}");
        let Ok(layout) = layout else {
            assert_eq!(layout.unwrap_err().code, Code::AttachmentUnfit);
            continue;
        };
        assert_eq!(Layout::of_sealed(layout.sealed()).unwrap(), layout);
        assert!(layout.sealed() <= limits::DOSSIER_FILE_BYTES);
        for near in [layout.sealed() - 1, layout.sealed() + 1] {
            assert_eq!(Layout::of_sealed(near).unwrap_err().code, Code::AttachmentWrong);
        }
    }
    for size in [0, 1, 48, 49, u64::MAX, u64::MAX / 2, 1 << 40] {
        assert_eq!(Layout::of_sealed(size).unwrap_err().code, Code::AttachmentWrong, "{size}");
    }
    assert_eq!(Layout::of_content(1).unwrap().sealed(), 1024 + 48);
    // A file of 50 MiB: 832 chunks.
    let layout = Layout::of_content(most).unwrap();
    assert_eq!((layout.chunks(), layout.list()), (832, 26_624));
}

#[test]
fn what_came_so_far_is_counted_in_whole_chunks() {
    let layout = Layout::of_content(three().len() as u64).unwrap();
    let step = (CHUNK + TAG) as u64;
    for (have, whole) in [
        (0, (0, 0)),
        (95, (0, 0)),
        (96, (96, 0)),
        (96 + step - 1, (96, 0)),
        (96 + step, (96 + step, 1)),
        (layout.sealed() - 1, (96 + 2 * step, 2)),
        (layout.sealed(), (layout.sealed(), 3)),
        (u64::MAX, (layout.sealed(), 3)),
    ] {
        assert_eq!(layout.whole(have), whole, "{have}");
    }
}

#[test]
fn a_file_that_grows_or_shrinks_while_it_is_read_is_named() {
    let mut sealer = Sealer::new(&key(), 100).unwrap();
    assert_eq!(sealer.seal(vec![1; 99]).unwrap_err().code, Code::AttachmentUnfit);
    assert_eq!(sealer.seal(vec![1; 101]).unwrap_err().code, Code::AttachmentUnfit);
    sealer.seal(vec![1; 100]).unwrap();
    assert_eq!(sealer.seal(Vec::new()).unwrap_err().code, Code::AttachmentUnfit);
    sealer.finish().unwrap();
    assert_eq!(Sealer::new(&key(), 9).unwrap().finish().unwrap_err().code, Code::Internal);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_length_comes_back(bytes in 1_usize..300_000, byte: u8) {
        let content = vec![byte; bytes];
        let (made, sealed) = seal_all(&key(), &content).unwrap();
        let layout = Layout::of_content(bytes as u64).unwrap();
        prop_assert_eq!(layout.sealed(), sealed.len() as u64);
        let told = (bytes as u64, made.digest);
        prop_assert_eq!(open_all(&made.root, &sealed, &key(), told).unwrap(), content);
    }

    #[test]
    fn no_size_has_two_layouts(size in 0_u64..60_000_000) {
        if let Ok(layout) = Layout::of_sealed(size) {
            prop_assert_eq!(layout.sealed(), size);
            prop_assert_eq!(layout.chunk(layout.chunks() - 1).end, size);
        }
    }
}
