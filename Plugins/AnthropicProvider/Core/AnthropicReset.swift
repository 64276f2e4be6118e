internal import ProviderKit

/// When a limit is lifted, as headers and messages say it, in milliseconds from the answer's own `date`.
///
/// The server's clock is held against itself, so that this machine's does not matter and nothing here reads one.
enum AnthropicReset {
    private static let windows = [
        "requests", "tokens", "input-tokens", "output-tokens", "priority-input-tokens", "priority-output-tokens",
    ]

    /// nil when nothing says it.
    static func wait(_ failure: Failure, signal: ErrorSignal, headers: [String: String]) -> UInt64? {
        guard let now = headers["date"].flatMap(Instant.init(httpDate:)) else { return nil }
        let reset: Instant?
        switch failure.code {
        case .rateLimit: reset = rateReset(headers)
        case .quotaExhausted:
            // "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."
            if let told = signal.message.flatMap(Instant.init(regainIn:)) {
                reset = told
            } else {
                // The cap of a usage tier is lifted with the next month.
                reset = signal.code == "enforced_spend_limit_reached" ? now.nextMonth : nil
            }
        default: reset = nil
        }
        guard let reset, reset.seconds > now.seconds else { return nil }
        return UInt64(reset.seconds - now.seconds) * 1000
    }

    /// The latest reset of the windows that are used up; of all that are named when none says that it is.
    private static func rateReset(_ headers: [String: String]) -> Instant? {
        var used: [Instant] = []
        var named: [Instant] = []
        for window in windows {
            let prefix = "anthropic-ratelimit-\(window)"
            guard let reset = headers["\(prefix)-reset"].flatMap(Instant.init(rfc3339:)) else { continue }
            named.append(reset)
            if headers["\(prefix)-remaining"] == "0" { used.append(reset) }
        }
        return (used.isEmpty ? named : used).max { $0.seconds < $1.seconds }
    }
}

/// A moment in whole seconds of UTC since 1970.
struct Instant: Equatable, Sendable {
    let seconds: Int64
    private let year: Int
    private let month: Int

    private init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        // Days from 1970 of the proleptic Gregorian calendar; the year begins in March (Hinnant 2013).
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        self.year = year
        self.month = month
        seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    /// `2026-12-01T00:00:00Z`; a fraction is passed over, another zone than UTC is not read.
    init?(rfc3339 text: String) {
        let parts = text.split(separator: "T", maxSplits: 1)
        guard parts.count == 2, let date = Self.date(parts[0]), parts[1].hasSuffix("Z") else { return nil }
        let clock = parts[1].dropLast().prefix { $0 != "." }
        guard let time = Self.numbers(clock, by: ":", count: 3) else { return nil }
        self.init(year: date[0], month: date[1], day: date[2], hour: time[0], minute: time[1], second: time[2])
    }

    /// `Fri, 20 Nov 2026 23:58:06 GMT` (RFC 9110, IMF-fixdate).
    init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(of: String(parts[2])),
            let time = Self.numbers(parts[4], by: ":", count: 3)
        else { return nil }
        self.init(year: year, month: month + 1, day: day, hour: time[0], minute: time[1], second: time[2])
    }

    /// `…regain access on 2026-12-01 at 00:00 UTC…`, in lower case.
    init?(regainIn message: String) {
        let words = message.split { $0 == " " || $0 == "." || $0 == "," }
        for index in words.indices.dropLast(3) where words[index] == "on" && words[index + 2] == "at" {
            guard let date = Self.date(words[index + 1]),
                let time = Self.numbers(words[index + 3], by: ":", count: 2)
            else { continue }
            self.init(year: date[0], month: date[1], day: date[2], hour: time[0], minute: time[1])
            return
        }
        return nil
    }

    /// 00:00 of the first day of the month behind this one.
    var nextMonth: Instant? {
        Instant(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
    }

    private static func date(_ text: Substring) -> [Int]? { numbers(text, by: "-", count: 3) }

    private static func numbers(_ text: Substring, by separator: Character, count: Int) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == count, parts.allSatisfy({ $0.utf8.count <= 4 }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == count ? numbers : nil
    }
}
