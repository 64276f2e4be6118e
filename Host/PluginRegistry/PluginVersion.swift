/// A plugin's version in the order of SemVer 2.0.0, §11; text that is no version comes before all.
struct PluginVersion: Comparable {
    private let numbers: [Int]
    /// Empty for a release.
    private let early: [Substring]

    init(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        numbers = (parts.first ?? "").split(separator: ".").map { Int($0) ?? -1 }
        early = parts.count == 2 ? parts[1].split(separator: ".", omittingEmptySubsequences: false) : []
    }

    static func < (a: PluginVersion, b: PluginVersion) -> Bool {
        if a.numbers != b.numbers { return a.numbers.lexicographicallyPrecedes(b.numbers) }
        if a.early.isEmpty || b.early.isEmpty { return !a.early.isEmpty && b.early.isEmpty }
        for (x, y) in zip(a.early, b.early) where x != y {
            switch (Int(x), Int(y)) {
            case (let x?, let y?): return x < y
            case (.some, nil): return true
            case (nil, .some): return false
            default: return x.utf8.lexicographicallyPrecedes(y.utf8)
            }
        }
        return a.early.count < b.early.count
    }
}
