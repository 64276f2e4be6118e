/// Days and civil dates of the years 0001–9999 for loops over columns.
///
/// Algorithms: Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022).
/// `CivilTime` is the slow twin for all years.
enum CivilDays {
    /// What ``days(year:month:day:)`` gives for a date that is none.
    static let none = Int.min

    /// Days since 1970-01-01, or `none`: for a year outside 0001–9999 too.
    @inline(__always)
    static func days(year: Int, month: Int, day: Int) -> Int {
        guard UInt(bitPattern: year &- 1) < 9999, UInt(bitPattern: month &- 1) < 12, day > 0,
            day <= 28 || day <= lastDay(year, month)
        else { return none }
        // Years from March on, so that February's end is the year's.
        let isEarly = month <= 2
        let y = UInt32(truncatingIfNeeded: isEarly ? year &- 1 : year)
        let m = UInt32(truncatingIfNeeded: isEarly ? month &+ 12 : month)
        let century = y / 100
        let before = (y &* 1461) / 4 &- century &+ century / 4 &+ (m &* 979 &- 2919) / 32
        return Int(before) &+ day &- 719_469
    }

    @inline(__always)
    private static func lastDay(_ year: Int, _ month: Int) -> Int {
        if month == 2 { return year & 3 == 0 && (year % 25 != 0 || year & 15 == 0) ? 29 : 28 }
        return 30 | (month ^ month >> 3)
    }

    /// The civil date of a day of the years 0001–9999.
    @inline(__always)
    static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let n1 = UInt32(truncatingIfNeeded: days &+ 719_468) &* 4 &+ 3
        let century = n1 / 146_097
        let n2 = n1 % 146_097 | 3
        let product = 2_939_745 &* UInt64(n2)
        let dayOfYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
        let n3 = 2141 &* dayOfYear &+ 197_913
        let isLate = dayOfYear >= 306
        let year = 100 &* century &+ UInt32(truncatingIfNeeded: product >> 32)
        let month = n3 >> 16
        return (
            Int(isLate ? year &+ 1 : year), Int(isLate ? month &- 12 : month), Int((n3 & 0xFFFF) / 2141 &+ 1)
        )
    }
}
