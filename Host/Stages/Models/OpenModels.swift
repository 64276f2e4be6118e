internal import Foundations

extension StageContext {
    /// Who may be asked for completions in this run.
    func openModels() throws(SluiceError) -> ModelAccess { .none("no provider that completes is allowed") }
}
