import Foundations
import Glibc
import Testing

@testable import Transform

/// The pinned zones against Python's zoneinfo (Tests/DSL/zones_peer.py) and against what is known of some.
@Suite struct ZoneTests {
    private struct Checksum {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        mutating func add(_ number: Int64) {
            var rest = UInt64(bitPattern: number)
            for _ in 0..<8 {
                value = (value ^ rest & 0xFF) &* 0x100_0000_01B3
                rest >>= 8
            }
        }

        /// As zoneinfo answers for fold 0 and fold 1.
        mutating func add(_ reading: Zone.Reading) {
            switch reading {
            case .offset(let offset):
                add(offset)
                add(offset)
            case .gap(let before, let after), .overlap(let before, let after):
                add(before)
                add(after)
            }
        }
    }

    private static func second(_ random: inout SeededRandom) -> Int64 {
        let range: Range<Int64> =
            random.next() & 1 == 1
            ? -43829 * 86400..<47482 * 86400 : -719_160 * 86400..<2_932_894 * 86400
        return range.lowerBound + Int64(random.next() % UInt64(range.count))
    }

    private static func line(_ zone: Zone, seed: UInt64, random count: Int) -> String {
        var sum = Checksum()
        var random = SeededRandom(seed: seed)
        for _ in 0..<count { sum.add(zone.offset(at: second(&random))) }
        for _ in 0..<count { sum.add(zone.piece(local: second(&random)).reading) }
        let spans = zone.spans(from: -62091 * 86400, until: 84006 * 86400, limit: Int.max) ?? []
        for (before, after) in zip(spans, spans.dropFirst()) {
            sum.add(after.from)
            sum.add(zone.offset(at: after.from - 1))
            sum.add(zone.offset(at: after.from))
            let low = after.from + min(before.offset, after.offset)
            let high = after.from + max(before.offset, after.offset)
            for local in [low - 1, low, (low + high) >> 1, high - 1, high] {
                sum.add(zone.piece(local: local).reading)
            }
        }
        let digits = String(sum.value, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        return "\(zone.name) \(spans.count - 1) \(padded)"
    }

    /// Every zone: random instants and local times, and both sides of every change from 1800 to 2200.
    @Test func `zones are those of zoneinfo`() throws {
        let root = Files.folder(of: Files.folder(of: Files.folder(of: #filePath)))
        let path = getenv("SLUICE_ZONES_PEER").map { String(cString: $0) } ?? "\(root)/Tests/Golden/dsl/zones.txt"
        let lines = String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self).split(separator: "\n")
        let head = lines[0].split(separator: " ").map { $0.trimmingSuffix(",") }
        #expect(head[2] == ZoneTable.release)
        let seed = try #require(UInt64(head[4]))
        let count = try #require(Int(head[5]))
        #expect(lines.count - 1 == Zone.names.count)
        for (line, entry) in zip(lines.dropFirst(), Zone.names) {
            let zone = try #require(Zone(name: entry.name))
            #expect(Self.line(zone, seed: seed, random: count) == line)
        }
    }

    @Test func `the names are IANA's, in order`() {
        #expect(Zone.names.count == 598)
        #expect(ZoneTable.version == "2026f")
        let names = Zone.names.map(\.name)
        #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(Set(["UTC", "Etc/GMT-14", "America/Argentina/Buenos_Aires", "US/Pacific"]).isSubset(of: names))
    }

    @Test func `an unknown zone is refused with the nearest`() {
        let mistake = #expect(throws: Zone.Mistake.self) { try Zone.named("Europe/Berln") }
        #expect(mistake?.reason == "there is no zone \"Europe/Berln\" in IANA's 2026f")
        #expect(mistake?.allowed.hasPrefix("Nearest allowed form: \"Europe/Berlin\".") == true)
        #expect(Zone(name: "europe/berlin") == nil)
        #expect(Zone(name: "") == nil)
        #expect(Zone(name: "UTC;Africa/Abidjan") == nil)
    }

    @Test(
        arguments: [
            ("UTC", 0), ("Etc/UTC", 0), ("GMT", 0), ("Etc/GMT-14", 50400), ("Etc/GMT+12", -43200), ("Factory", 0),
        ] as [(String, Int64)])
    func `fixed zones have one offset`(name: String, offset: Int64) throws {
        let zone = try #require(Zone(name: name))
        #expect(zone.fixedOffset == offset)
        #expect(zone.span(at: 0) == Zone.Span(from: Zone.past, until: Zone.future, offset: offset))
        let piece = Zone.Piece(from: Zone.past, until: Zone.future, reading: .offset(offset))
        #expect(zone.piece(local: 253_402_300_799) == piece)
    }

    /// Local times as `yyyy-MM-dd'T'HH:mm:ss`, and how they are read.
    @Test(
        arguments: [
            ("Europe/Berlin", "2024-03-31T01:59:59", .offset(3600)),
            ("Europe/Berlin", "2024-03-31T02:00:00", .gap(before: 3600, after: 7200)),
            ("Europe/Berlin", "2024-03-31T02:59:59", .gap(before: 3600, after: 7200)),
            ("Europe/Berlin", "2024-03-31T03:00:00", .offset(7200)),
            ("Europe/Berlin", "2024-10-27T01:59:59", .offset(7200)),
            ("Europe/Berlin", "2024-10-27T02:00:00", .overlap(before: 7200, after: 3600)),
            ("Europe/Berlin", "2024-10-27T03:00:00", .offset(3600)),
            ("Europe/Berlin", "9998-07-01T00:00:00", .offset(7200)),
            // Local mean time, and the double summer time of 1945.
            ("Europe/Berlin", "0001-01-02T00:00:00", .offset(3208)),
            ("Europe/Berlin", "1945-06-01T12:00:00", .offset(10800)),
            ("America/New_York", "2026-03-08T02:30:00", .gap(before: -18000, after: -14400)),
            ("America/New_York", "2026-11-01T01:30:00", .overlap(before: -14400, after: -18000)),
            ("America/New_York", "2150-07-04T12:00:00", .offset(-14400)),
            // Half an hour of summer time.
            ("Australia/Lord_Howe", "2024-10-06T02:15:00", .gap(before: 37800, after: 39600)),
            ("Australia/Lord_Howe", "2024-10-06T02:30:00", .offset(39600)),
            ("Australia/Lord_Howe", "2024-04-07T01:30:00", .overlap(before: 39600, after: 37800)),
            ("Australia/Lord_Howe", "2024-04-07T02:00:00", .offset(37800)),
            // The day that was not, 2011-12-30.
            ("Pacific/Apia", "2011-12-29T23:59:59", .offset(-36000)),
            ("Pacific/Apia", "2011-12-30T00:00:00", .gap(before: -36000, after: 50400)),
            ("Pacific/Apia", "2011-12-30T23:59:59", .gap(before: -36000, after: 50400)),
            ("Pacific/Apia", "2011-12-31T00:00:00", .offset(50400)),
            // An offset of 44 minutes and a half until 1972.
            ("Africa/Monrovia", "1971-12-31T23:00:00", .offset(-2670)),
            ("Africa/Monrovia", "1972-01-07T00:30:00", .gap(before: -2670, after: 0)),
            ("Africa/Monrovia", "1972-01-07T00:44:30", .offset(0)),
            // Summer time is the standard there, and winter the exception.
            ("Europe/Dublin", "2024-10-27T01:30:00", .overlap(before: 3600, after: 0)),
            ("Europe/Dublin", "2124-01-01T12:00:00", .offset(0)),
        ] as [(String, String, Zone.Reading)])
    func `a local time is read as the clocks went`(name: String, local: String, reading: Zone.Reading) throws {
        let zone = try #require(Zone(name: name))
        let pattern = try DatePattern("yyyy-MM-dd'T'HH:mm:ss")
        let bytes = Array(local.utf8)
        let microseconds = try #require(bytes.withUnsafeBytes { pattern.parse($0) })
        #expect(zone.piece(local: microseconds / 1_000_000).reading == reading)
    }

    /// The pieces of a list follow each other without a hole and are what single look-ups say.
    @Test(arguments: ["Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kolkata"])
    func `lists of spans and pieces have no hole`(name: String) throws {
        let zone = try #require(Zone(name: name))
        let (from, until): (Int64, Int64) = (-62_135_596_800, 10_000_000_000)
        let spans = try #require(zone.spans(from: from, until: until, limit: 2000))
        for (span, next) in zip(spans, spans.dropFirst()) { #expect(span.until == next.from) }
        let pieces = try #require(zone.pieces(from: from, until: until, limit: 4000))
        for (piece, next) in zip(pieces, pieces.dropFirst()) {
            #expect(piece.until == next.from)
            #expect(zone.piece(local: piece.until - 1) == piece)
        }
        #expect(pieces.count >= spans.count)
    }

    @Test func `a list that is too long is nil`() throws {
        let berlin = try #require(Zone(name: "Europe/Berlin"))
        #expect(berlin.spans(from: -62_135_596_800, until: 253_402_300_800) == nil)
        #expect(berlin.pieces(from: -62_135_596_800, until: 253_402_300_800) == nil)
        let tokyo = try #require(Zone(name: "Asia/Tokyo"))
        #expect(tokyo.spans(from: -62_135_596_800, until: 253_402_300_800)?.count == 10)
        #expect(Zone.utc.pieces(from: -62_135_596_800, until: 253_402_300_800)?.count == 1)
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ suffix: Character) -> Substring { last == suffix ? dropLast() : self }
}
