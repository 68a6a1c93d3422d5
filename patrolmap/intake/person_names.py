"""Columns that are lists of people by their content, whatever stands above them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import islice
from typing import Final

from patrolmap.errors import Problem
from patrolmap.intake.persons import shown

# The hundred commonest surnames stand first: 85 % of all people (Ministry of Public Security,
# 2020); with the others about 96 %.
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌"
    "毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项"
    "连芦麦褚娄窦戚岑景费卜冷晏席卫米柏宗瞿桂佟应臧闵苟邬边卞姬仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘"
    "池查迟邝"
)
_DOUBLE_SURNAMES: Final = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯"
_TITLES: Final = "(?:老师|警官|先生|女士|校长|主任|园长|所长|队长|师傅|同志)"
_NAME: Final = re.compile(
    rf"(?:[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}|(?:{_DOUBLE_SURNAMES})[\u4e00-\u9fff]{{1,2}}"
    rf"|[{_SURNAMES}]{_TITLES}|[{_SURNAMES}][某xX*＊○〇]{{1,2}})"
)
# Nobody is called so: the last character of places, shops, roads and times.
_PLACE_ENDS: Final = (
    "门路街巷道弄店园校院所厅吧馆楼场村桥站口区里苑城湖河山港镇乡庄屋坊斋阁堂记行社会室亭"
    "廊岗点部中小大东西南北饭面粉鱼鸡鸭茶酒咖食品厨煲串房居家府号台塘浜渡埠湾岛坝泾市县"
)
# Words of lists that begin like a name.
_WORDS: Final = re.compile(
    "周[一二三四五六末至到]|单位|项目|时间|时段|方向|安全|高峰|高发|管理|施工|任务|常规|常态|文明|"
    "车辆|易发|易堵|和平|平安|金额|白天|夏季|全天|全年|关闭|连续|祝福|幸福|成立|尚未|万元"
)
_SAMPLE: Final = 2000  # different cells of a column; a judgement needs no more
_FEWEST: Final = 3  # a column of two cells is no list
_SHARE: Final = 0.8


def lists_names(cells: Sequence[str]) -> bool:
    """
    Tell whether a column is a list of people: nearly every cell a surname with one or two signs.

    Examples
    --------
    >>> lists_names(["张伟", "王秀英", "欧阳明", "李娜"])
    True
    >>> lists_names(["张家港", "王府井", "李记", "金坛路"]), lists_names(["东门", "南门", "西门"])
    (False, False)
    """
    different = (cell for cell in dict.fromkeys(cells) if cell)
    filled = {plain for cell in islice(different, _SAMPLE) if (plain := _plain(cell))}
    names = sum(_is_name(text) for text in filled)
    return names >= _FEWEST and names >= _SHARE * len(filled)


def _plain(cell: str) -> str:
    return re.sub(r"[\s·]", "", unicodedata.normalize("NFKC", cell))


def _is_name(text: str) -> bool:
    parts = [part for part in re.split("[、,;/和及]", text) if part]
    return bool(parts) and all(
        _NAME.fullmatch(part) is not None
        and part[-1] not in _PLACE_ENDS
        and _WORDS.match(part) is None
        for part in parts
    )


def refuse_names(heading: str, cells: Sequence[str]) -> list[Problem]:
    """Report a column that lists people; none of the names is repeated."""
    if not lists_names(cells):
        return []
    return [
        Problem(
            "looks like a list of people's names, and patrolmap holds places, never people",
            "Delete the column from the file; if these are places, write what each is "
            "(…店, …门, …校).",
            column=shown(heading),
        )
    ]
