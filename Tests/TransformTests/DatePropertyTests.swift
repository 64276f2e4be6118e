import Columnar
import Foundations
import Testing

@testable import Transform

/// The fast ways against their slow twins.
@Suite struct DatePropertyTests {
    @Test func `days and dates of the years 1 to 9999 are those of the slow twin`() {
        var differences = 0
        let (first, last) = (Int(Calendar.firstDay), Int(Calendar.lastDay))
        // A whole cycle of 400 years around today, both ends, and every eleventh day between them.
        let cycle = -73_000..<73_100
        for range in [cycle, first..<(first + 3000), (last - 3000)..<(last + 1)] {
            for days in range where !isSame(days) { differences += 1 }
        }
        for days in stride(from: first, to: last, by: 11) where !isSame(days) { differences += 1 }
        #expect(differences == 0)
        for year in [0, 10_000, -1] { #expect(CivilDays.days(year: year, month: 1, day: 1) == CivilDays.none) }
        for year in 1895...2105 {
            for month in 0...13 {
                for day in [0, 28, 29, 30, 31, 32] {
                    let isValid = CivilDays.days(year: year, month: month, day: day) != CivilDays.none
                    #expect(isValid == CivilTime.isValid(year: year, month: month, day: day))
                }
            }
        }
    }

    private func isSame(_ days: Int) -> Bool {
        let date = CivilDays.date(days: days)
        return CivilTime.date(days: days) == date
            && CivilDays.days(year: date.year, month: date.month, day: date.day) == days
    }

    private static let patterns = [
        "yyyy-MM-dd", "dd/MM/yyyy", "yyyyMMdd", "yyMMdd", "yy-MMdd", "yyyy-MM-dd'T'HH:mm:ssXXX", "MM/dd/yyyy HH:mm",
        "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yyyyMMddHHmmssSSS", "HH:mm:ss.SSS dd.MM.yyyy XXX", "'on 'dd'/'MM'/'yy' at 'HH",
        "yyyy-MM-dd HH:mm:ss.SSSXXX", "'--------'yyyy'------'MM'----'dd",
    ]

    /// A text of the pattern, of which one in three has a byte changed, added or taken away.
    private static func text(_ pattern: DatePattern, _ random: inout SeededRandom) -> [UInt8] {
        var out: [UInt8] = []
        for part in pattern.parts {
            guard case .field(let field) = part else {
                if case .text(let text) = part { out += Array(text.utf8) }
                continue
            }
            if field == .offset {
                let minutes = Int.random(in: -1090...1090, using: &random)
                let text =
                    "\(minutes < 0 ? "-" : "+")\(abs(minutes) / 60 + 100)".replacing("+1", with: "+").replacing(
                        "-1", with: "-") + ":\(String(abs(minutes) % 60 + 100).dropFirst())"
                out += Bool.random(using: &random) ? [0x5A] : Array(text.utf8)
                continue
            }
            let most = [
                4: 9999, 3: 999, 2: field.meaning == .month ? 13 : field == .hour ? 24 : field == .day ? 32 : 60,
            ]
            let value = Int.random(in: 0...(most[field.width] ?? 9), using: &random)
            let digits = String(value)
            out += Array((String(repeating: "0", count: max(0, field.width - digits.utf8.count)) + digits).utf8)
        }
        let bytes: [UInt8] = [0x2F, 0x3A, 0x20, 0x00, 0x80, 0xFF, 0xB0, 0x5A, 0x2D, 0x7F]
        switch Int.random(in: 0..<9, using: &random) {
        case 0: out[Int.random(in: 0..<out.count, using: &random)] = bytes.randomElement(using: &random) ?? 0
        case 1: out.insert(0x30, at: Int.random(in: 0...out.count, using: &random))
        case 2: out.remove(at: Int.random(in: 0..<out.count, using: &random))
        default: break
        }
        return out
    }

    @Test(arguments: patterns)
    func `a layout reads what the pattern reads`(source: String) throws {
        let pattern = try DatePattern(source)
        let layout = DateLayout(pattern)
        // The one with an offset amid other fields, and the one that is longer than 32 bytes have none.
        #expect((layout == nil) == (source.utf8.count > 32))
        guard let layout else { return }
        var random = SeededRandom()
        var read = 0
        for _ in 0..<4000 {
            let text = Self.text(pattern, &random)
            let pivot = Int.random(in: 0...99, using: &random)
            let slow = text.withUnsafeBytes { pattern.parse($0, pivot: pivot) }
            let fast = text.withUnsafeBytes { layout.parse($0, pivot: pivot) }
            if slow != nil { read += 1 }
            if (slow ?? DateLayout.none) != fast {
                Issue.record("\(source): \(text) seed \(random.seed)")
                break
            }
        }
        #expect(read > 400)
    }

    @Test(arguments: patterns + ["HH:mm", "yyyy yy", "SSS'ms'", "dd''MMXXX", "MM/MM/yyyy"])
    func `a value is written at places as one by one`(source: String) throws {
        let pattern = try DatePattern(formatting: source)
        var random = SeededRandom()
        let out = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 1)
        defer { out.deallocate() }
        for zone in ["UTC", "Asia/Kathmandu", "America/St_Johns"] {
            let fast = try DateWriter(pattern, zone: zone, from: .timestamp)
            let slow = try DateWriter(pattern, zone: zone, from: .timestamp, isSlow: true)
            var (a, b) = (ZoneCursor(), ZoneCursor())
            for _ in 0..<300 {
                let value = Int64.random(in: -62_135_596_800_000_000..<253_402_300_800_000_000, using: &random)
                var (first, second) = (0, 0)
                let reasons = (fast.write(value, &a, out, &first), slow.write(value, &b, out + 128, &second))
                let texts = (0..<2).map { place in
                    String(
                        decoding: UnsafeRawBufferPointer(start: out + place * 128, count: place == 0 ? first : second),
                        as: UTF8.self)
                }
                guard reasons.0 == reasons.1, texts[0] == texts[1], first <= fast.capacity else {
                    Issue.record("\(source) in \(zone): \(value) seed \(random.seed): \(texts)")
                    return
                }
            }
        }
    }

    /// What is written by a pattern with everything in it reads back as it was, in every zone.
    @Test func `a timestamp comes back from its text`() throws {
        var random = SeededRandom()
        let pattern = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
        let reader = try DateReader(DateParsing([DatePattern(pattern)], to: .timestamp))
        let out = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 1)
        defer { out.deallocate() }
        for entry in Zone.names {
            let writer = try DateWriter(DatePattern(formatting: pattern), zone: entry.name, from: .timestamp)
            var (writing, reading) = (ZoneCursor(), ZoneCursor())
            for _ in 0..<40 {
                let milliseconds = Int64.random(in: -62_135_500_000_000..<253_402_200_000_000, using: &random)
                var count = 0
                let reason = writer.write(milliseconds * 1000, &writing, out, &count)
                if reason == .inexact { continue }
                var back: Int64 = 0
                let failure = reader.read(UnsafeRawBufferPointer(start: out, count: count), &reading, &back)
                guard reason == nil, failure == nil, back == milliseconds * 1000 else {
                    Issue.record("\(entry.name): \(milliseconds) ms, seed \(random.seed)")
                    return
                }
            }
        }
    }
}
