/// The versions that are pinned in every artifact and ledger event.
public enum Versions {
    /// Of this program.
    public static let sluice = "0.1.0"
    /// Of ROADMAP.md; contracts name it (ROADMAP §28).
    public static let roadmap = "1.1.0"
    /// Of the Transform DSL (ROADMAP §11).
    public static let dsl = "1.1.0"
}
