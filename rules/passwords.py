"""Passwords (登录密码): one rule for every place where one is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from rules import spelling
from rules.errors import FieldProblem, Invalid, Words
from rules.people import Party

SHORTEST: Final = 8
STAFF_SHORTEST: Final = 12
LONGEST: Final = 64
FEWEST_DIFFERENT: Final = 3
DECK_RULE: Final = Words(
    "密码要求6至16位数字和字母组合，密码区分大小写",
    "A password is 6 to 16 digits and letters; capitals and small letters are told apart.",
)
"""The rule of the training deck; such a password is still valid if it is long enough."""

# The commonest of the published lists that reach six characters, and those that Chinese sites have leaked most.
COMMON: Final = frozenset(
    """
    000000 00000000 0000000000 010203 0123456 01234567 0123456789 0987654321 098765 100200 101010 11111111
    1111111111 111222 111222tianya 112233 1122334455 11223344 121212 12121212 121314 123000 123123 12312312
    123123123 1231234 123123a 1232323q 123321 123321123 1233211234567 1234321 12344321 123454321 12345 123456
    123456. 1234567 12345678 123456789 1234567890 12345678900 12345678910 123456789a 123456789q 123456789..
    12345678a 12345679 1234567a 1234567b 123456a 123456aa 123456abc 123456q 123456qq 123456qwe 123456zxc 1234abcd
    1234qwer 123654 123654789 123698745 123789 123abc 123abc123 123qwe 123qwe123 123qweasd 131313 1314520 13145200
    1314521 131452100 135792468 13579 135790 147258 147258369 147852 147852369 147896325 159357 159753 168168 1a2b3c
    1a2b3c4d 1q1q1q1q 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz1qaz 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1qw23er4 201314 20132013
    22222222 222222 232323 25251325 2222222222 252525 31415926 314159265 321321 33333333 333333 36925814 369258147
    456456 456789 44444444 520131 520131400 5201314 52013140 5201314520 5201314a 520520 52052052 520520520 521521
    521521521 54321 54545454 55555555 555555 5555555555 565656 584131421 584520 584521 584521584 654321 654321a
    66666666 666666 666888 6655321 666666666 7654321 7758258 7758521 7758520 77777777 7777777 777777 789456
    789456123 789789 87654321 876543210 88888888 888888 8888888888 885200 888999 963852741 963852 987654 9876543
    98765432 987654321 9876543210 99999999 999999 999999999 9999999999 a00000000 a000000 a1111111 a111111 a11111111
    a123123 a123123123 a12345 a123456 a1234567 a12345678 a123456789 a1234567890 a123456a a1b2c3 a1b2c3d4 a321654
    a5201314 a520520 aa112233 aa123123 aa123456 aa12345678 aa123456789 aaa111 aaa123 aaa123123 aaa123456 aaaa1111
    aaaaaa aaaaaaaa aaaaaaaaa aaaaaaaaaa abc123 abc12345 abc123456 abc123456789 abcabc abcd123 abcd1234 abcd12345
    abcd123456 abcdef abcdefg abcdefgh abcdefghi abcdefghij access admin admin123 admin1234 admin123456 admin888
    administrator adobe123 alexander amanda andrew android angela anthony apple123 as123456 asd123 asd12345
    asd123456 asd123456789 asdasd asdasd123 asdasdasd asdf1234 asdfasdf asdfgh asdfgh123 asdfghjk asdfghjkl ashley
    asshole austin azerty b123456 babygirl bailey baseball basketball batman beijing beijing2008 bonjour butterfly
    buster c123456 caonima caonima123 changeme charlie cheese chelsea china123 chocolate code8925 computer cookie
    daniel ddssdd dearbook default default123 diamond donald dragon dragon123 eeeeeeee ffffffff firefox flower
    football football1 forever freedom friends fuckyou fuckyou1 george ginger google google123 guest123 hahaha
    hannah harley hello hello123 hello1234 helloworld hospital hospital123 huanghe hunter hushi123 hushi1234
    hushi12345 hushi123456 iloveu iloveyou iloveyou1 iloveyou520 internet jennifer jessica jordan jordan23 joshua
    justin killer lovely loveme loveyou maggie master matthew michael michelle monkey monkey123 monster mustang
    mynoob naruto nicole ninja nurse123 nurse1234 nurse123456 nurse2008 nursing123 p@ssw0rd p@ssword pakistan
    pass123 pass1234 passpass passw0rd password password! password0 password1 password1! password12 password123
    password1234 pepper pokemon princess princess1 purple q123456 q1234567 q123456789 q1q1q1q1 q1w2e3 q1w2e3r4
    q1w2e3r4t5 qaz123 qaz123456 qazqaz qazwsx qazwsx123 qazwsxedc qazxsw qq111111 qq123123 qq123456 qq1234567
    qq123456789 qq5201314 qqq111 qqq123 qqqqqq qqqqqqqq qqww1122 qwe123 qwe123123 qwe123456 qweasd qweasd123
    qweasdzxc qweqwe qweqwe123 qweqweqwe qwer1234 qwer12345 qwer123456 qwerasdf qwerqwer qwert12345 qwerty qwerty1
    qwerty12 qwerty123 qwerty12345 qwerty123456 qwertyui qwertyuio qwertyuiop qwertyuiop123 ranger rockyou root1234
    samsung sandra secret shadow shanghai snoopy soccer spiderman starwars sunshine sunshine1 superman superman1
    system taobao taylor test1234 test123456 testtest thomas tigger trustno1 unknown user1234 victoria vip123456
    w123456 w123456789 wang1234 wang123456 wangjian wangpeng wangwei wei123456 welcome welcome1 welcome123 whatever
    wo123456 woaini woaini123 woaini1314 woaini1314520 woaini520 woaini521 woaini5201314 woaiwojia wobuzhidao
    woshishui wozhiaini wudi123456 www123456 wwwwww wwwwwwww xiaoxiao xiazhili xxxxxx xxxxxxxx yang123456 yuanyuan
    z123456 z123456789 zaq12wsx zhang123 zhang123456 zhangjie zhanglei zhangwei zhendeaini zxc123 zxc12345 zxc123456
    zxcasd zxcasdqwe zxcv1234 zxcvbn zxcvbn123 zxcvbnm zxcvbnm1 zxcvbnm123 zxczxc zxczxczxc zzzzzz zzzzzzzz
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The rule for passwords: any characters, only not too few, not the commonest, and not the user name."""

    shortest: int = SHORTEST
    longest: int = LONGEST

    @property
    def for_staff(self) -> PasswordPolicy:
        """The same rule for staff, whose passwords open more than one record."""
        return replace(self, shortest=max(self.shortest, STAFF_SHORTEST))

    def of(self, party: Party) -> PasswordPolicy:
        """The rule for accounts of this end of the system."""
        return self if party is Party.NURSE else self.for_staff

    @property
    def rule(self) -> Words:
        """The rule as people read it."""
        return Words(
            f"密码为{self.shortest}至{self.longest}个任意字符，区分大小写；不得使用常见密码，不得包含用户名",
            f"A password has {self.shortest} to {self.longest} characters of any kind, capitals and small letters are "
            "told apart; it is none of the commonest and does not contain the user name.",
        )

    def require(self, password: str, *, user_name: str, path: str = "password") -> None:
        """Refuse a password that breaks the rule; raises Invalid, which never repeats it."""
        if not self.shortest <= len(password) <= self.longest:
            length = len(password)
            words = Words(
                f"密码为{length}个字符，应为{self.shortest}至{self.longest}个字符",
                f"The password has {length} characters: {self.shortest} to {self.longest} are allowed.",
            )
            raise Invalid(FieldProblem(path, "PASSWORD_LENGTH", words))
        small = password.lower()
        if small in COMMON or len(set(small)) < FEWEST_DIFFERENT:
            raise Invalid(FieldProblem(path, "PASSWORD_COMMON", _COMMON))
        if (name := spelling.sign_in_name(user_name)) and name in small:
            raise Invalid(FieldProblem(path, "PASSWORD_IS_USER_NAME", _USER_NAME))


_COMMON: Final = Words("该密码过于常见，容易被猜中，请换一个", "This password is among the commonest; take another.")
_USER_NAME: Final = Words("密码不得包含用户名，请换一个", "The password contains the user name; take another.")
