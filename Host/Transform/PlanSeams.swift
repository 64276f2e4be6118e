/// What date patterns do not say of themselves yet.
enum PlanSeams {
    static func hasOffset(_ pattern: DatePattern) -> Bool { pattern.source.contains("XXX") }

    static func hasShortYear(_ pattern: DatePattern) -> Bool {
        pattern.source.contains("yy") && !pattern.source.contains("yyyy")
    }
}
