//! How large a piece, and how many at once.
//!
//! Large pieces in parallel are fast on a stable connection; where connections break, each break loses much. After two
//! losses without a success in between, pieces halve and go one at a time; each success takes a step back up.

use super::options::{UploadOptions, LARGEST_RANGE, MOST_CONCURRENT};

/// Pieces are not made smaller than this by losses: 200 KiB, the granularity that the service recommends.
pub const SMALLEST_PIECE: u64 = 204_800;

/// The size of the next piece and the number of pieces in flight, as losses and successes have left them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    wanted_piece: u64,
    wanted_in_flight: usize,
    piece: u64,
    in_flight: usize,
    losses: u32,
}

impl Pace {
    /// Full pace: the sizes that the options ask for.
    pub fn new(options: &UploadOptions) -> Self {
        let piece = options.chunk_size.clamp(1, LARGEST_RANGE);
        let in_flight = options.max_concurrency.clamp(1, MOST_CONCURRENT);
        Pace { wanted_piece: piece, wanted_in_flight: in_flight, piece, in_flight, losses: 0 }
    }

    /// The size of the next piece in bytes.
    pub fn piece(&self) -> u64 {
        self.piece
    }

    /// A divisor of every size that a piece can have.
    pub fn granule(&self) -> u64 {
        let floor = SMALLEST_PIECE.min(self.wanted_piece);
        let (mut piece, mut common) = (self.wanted_piece, self.wanted_piece);
        while piece > floor {
            piece = (piece / 2).max(floor);
            common = greatest_common_divisor(common, piece);
        }
        common
    }

    /// How many pieces may be in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// The response to a piece was lost, or the connection broke.
    pub fn on_failure(&mut self) {
        self.losses += 1;
        if self.losses >= 2 {
            self.in_flight = 1;
            // A caller who asked for pieces smaller than the floor keeps them.
            self.piece = (self.piece / 2).max(SMALLEST_PIECE.min(self.wanted_piece));
        }
    }

    /// A piece was acknowledged.
    pub fn on_success(&mut self) {
        self.losses = 0;
        if self.piece < self.wanted_piece {
            self.piece = (self.piece * 2).min(self.wanted_piece);
        } else if self.in_flight < self.wanted_in_flight {
            self.in_flight += 1;
        }
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}
