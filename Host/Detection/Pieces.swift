/// A text in pieces that are looked through one after the other: as it stands where nothing is folded, else a folded copy.
///
/// A copy holds no more than `largest` bytes and what recognisers may look at on either side, so that memory does not grow
/// with the text.
struct Pieces {
    /// Most bytes of the original that one folded piece looks through.
    static let largest = 1 << 16
    /// A stretch without a folded sign is read where it stands when it is at least so long.
    private static let shortest = 1 << 12

    private let bytes: UnsafeBufferPointer<UInt8>
    /// The first byte that was not looked through.
    private var at = 0
    /// The first scalar from here on that is folded, or the text's end; known for places from `at` − reach on.
    private var folded: Int
    private let work: Work?

    init(_ bytes: UnsafeBufferPointer<UInt8>, work: Work? = nil) {
        self.bytes = bytes
        self.work = work
        folded = Folding.firstFolded(bytes, 0..<bytes.count)
    }

    /// - Parameter place: behind what was looked at; of the original.
    mutating func go(on place: Int) { at = max(at + 1, place) }

    /// The next piece, or nil behind the end.
    mutating func next() -> Piece? {
        guard at < bytes.count else { return nil }
        let seen = max(0, at - Scanner.reach)
        if folded < seen {
            folded = Folding.firstFolded(bytes, whole(seen)..<bytes.count)
            work?.add(folded - seen)
        }
        if folded == bytes.count { return Piece(bytes, from: at, until: bytes.count, work) }
        if folded - Scanner.reach >= at + Self.shortest {
            return Piece(bytes, from: at, until: folded - Scanner.reach, work)
        }
        let until = min(bytes.count, at + Self.largest)
        let part = whole(seen)..<min(bytes.count, until + Scanner.reach)
        return Piece(bytes, part, from: at, until: until, work)
    }

    /// The first byte of the scalar that a place may be in the middle of.
    private func whole(_ place: Int) -> Int {
        var start = place
        while start > 0, place - start < 3, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return bytes[start] >= 0xC2 ? start : place
    }
}

/// A stretch of a text, with what stands around it.
struct Piece {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let folding: Folding?
    private let from: Int
    private let until: Int
    private let work: Work?

    /// One that is read where it stands.
    init(_ bytes: UnsafeBufferPointer<UInt8>, from: Int, until: Int, _ work: Work?) {
        self.bytes = bytes
        self.work = work
        self.from = from
        self.until = until
        folding = nil
    }

    /// One that is folded; `part` is what recognisers may look at.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, from: Int, until: Int, _ work: Work?) {
        self.bytes = bytes
        self.work = work
        work?.add(part.count)
        let folding = Folding(bytes, part)
        self.folding = folding
        self.from = folding.folded(from)
        self.until = folding.folded(until)
    }

    /// Bytes of the copy that it holds.
    var copied: Int { folding?.bytes.count ?? 0 }

    /// Gives the text, and from where and up to where recognisers are called; the text is borrowed.
    func read(_ body: (_ text: Text, _ from: Int, _ until: Int) -> Void) {
        guard let folding else { return body(Text(bytes, work: work), from, until) }
        folding.bytes.withUnsafeBufferPointer { body(Text($0, work: work), from, until) }
    }

    /// The place of the whole text that a place of this piece is.
    func original(_ place: Int) -> Int { folding?.original(place) ?? place }

    /// A span of this piece in the whole text. What was dropped behind its last sign is not part of it.
    func original(_ entity: Entity) -> Entity {
        guard let folding else { return entity }
        let last = folding.original(entity.end - 1)
        var end = last + 1
        while bytes[last] >= 0xC0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return Entity(
            type: entity.type, start: folding.original(entity.start), end: end, score: entity.score,
            evidence: entity.evidence)
    }
}
