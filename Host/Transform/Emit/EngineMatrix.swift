extension EngineSupport {
    /// docs/dsl-matrix.md: what programs may ask, engine by engine, and why what is refused is refused.
    public static var markdown: String {
        var lines = [
            "# What engines can do of the Transform DSL", "",
            "Written by `sluice dsl matrix`; do not edit. The executor takes every program. What an engine cannot do exactly it",
            "is not asked for: the program is refused for it with the reason below, and the executor runs it.", "",
            "✓ exact · never: the engine cannot · not yet: nobody has written it", "",
            "| | " + Engine.allCases.map(\.title).joined(separator: " | ") + " |",
            "|---|" + Engine.allCases.map { _ in "---|" }.joined(),
        ]
        var notes: [String] = []
        for feature in EngineFeature.allCases {
            var cells: [String] = []
            for engine in Engine.allCases {
                guard let mark = mark(feature, in: engine) else {
                    cells.append("✓")
                    continue
                }
                let note = mark.reason
                let number = notes.firstIndex(of: note) ?? notes.count
                if number == notes.count { notes.append(note) }
                cells.append("\(mark.marker == .never ? "never" : "not yet") [\(number + 1)](#reasons)")
            }
            lines.append("| \(feature.rawValue) | " + cells.joined(separator: " | ") + " |")
        }
        lines += ["", "## Reasons", ""]
        for (place, note) in notes.enumerated() { lines.append("\(place + 1). \(note.prefix(1).uppercased())\(note.dropFirst()).") }
        return lines.joined(separator: "\n") + "\n"
    }
}
