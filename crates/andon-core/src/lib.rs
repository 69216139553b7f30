//! Rules of the board: pure, no IO, no clock.
