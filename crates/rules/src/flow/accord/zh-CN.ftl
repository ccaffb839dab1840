# 商定通道条款。

flow-accord = 通道条款

terms-none = 尚无条款提案。
terms-proposed = 条款已提出，等待决定。
terms-accepted = 最近提出的条款已被接受。
terms-declined = 最近提出的条款未被接受。

void-terms-no-proposal = 该行为没有指明提案，或指明的不是其作者所见的最新提案。
void-terms-decided = 没有等待决定的提案。

kind-propose-terms = 提出条款
kind-accept-terms = 接受条款
kind-decline-terms = 不接受条款

field-sheet = 条款：时区、节假日、期限、业务领域

fact-terms_accepted = 已接受：{ $value }
