public import Detection
public import Foundations
internal import Stages

/// The dictionaries of names and places that ship with the program.
public enum Dictionaries {
    /// Reads `detection` of the installation's registry; some tens of milliseconds.
    ///
    /// - Throws: `registry.invalid` when a file is missing or is no dictionary.
    public static func lexicon(_ context: Context) throws(SluiceError) -> Lexicon {
        try Registry.lexicon(folder: try Installation(context).registry + "/detection")
    }
}
